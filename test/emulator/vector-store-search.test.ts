import { describe, expect, test } from '@jest/globals';
import type OpenAI from 'openai';
import { toFile } from 'openai';
import { collect, send, withEmulator } from './with-emulator.ts';

const poll = { pollIntervalMs: 5 };

const upload = async (client: OpenAI, name: string, text: string) =>
  (await client.files.create({ file: await toFile(Buffer.from(text), name), purpose: 'assistants' })).id;

describe('search', () => {
  const filled = async (client: OpenAI) => {
    const { id } = await client.vectorStores.create({});
    const texts = { 'disk.md': 'The disk is full: delete logs', 'cpu.md': 'The load is high', 'both.md': 'disk and load' };
    const files = await Promise.all(
      Object.entries(texts).map(async ([name, text]) => ({
        file_id: await upload(client, name, text),
        attributes: { name, words: text.split(' ').length },
      })),
    );
    await client.vectorStores.fileBatches.createAndPoll(id, { files }, poll);
    return async (body: OpenAI.VectorStoreSearchParams) => collect(client.vectorStores.search(id, body));
  };

  test('what has most of the words comes first', () =>
    withEmulator([], async ({ client }) => {
      const search = await filled(client);
      const results = await search({ query: 'Disk full' });
      expect(results.map(({ filename, score }) => [filename, score])).toEqual([
        ['disk.md', 1],
        ['both.md', 0.5],
      ]);
      expect(results[0]?.content).toEqual([{ type: 'text', text: 'The disk is full: delete logs' }]);
      expect(await search({ query: ['disk', 'full'], max_num_results: 1 })).toHaveLength(1);
      expect(await search({ query: 'disk full', ranking_options: { score_threshold: 0.6 } })).toHaveLength(1);
      expect(await search({ query: 'network' })).toEqual([]);
    }));

  test.each<[string, OpenAI.ComparisonFilter | OpenAI.CompoundFilter, string[]]>([
    ['equality', { type: 'eq', key: 'name', value: 'cpu.md' }, ['cpu.md']],
    ['its opposite', { type: 'ne', key: 'name', value: 'cpu.md' }, ['both.md', 'disk.md']],
    ['size', { type: 'gte', key: 'words', value: 4 }, ['cpu.md', 'disk.md']],
    ['smallness', { type: 'lt', key: 'words', value: 4 }, ['both.md']],
    ['membership', { type: 'in', key: 'name', value: ['cpu.md', 'x'] }, ['cpu.md']],
    ['an attribute that no file has', { type: 'gt', key: 'age', value: 0 }, []],
    [
      'several at once',
      {
        type: 'or',
        filters: [
          { type: 'eq', key: 'words', value: 3 },
          { type: 'eq', key: 'words', value: 4 },
        ],
      },
      ['both.md', 'cpu.md'],
    ],
  ])('files are filtered by %s', (_what, filters, names) =>
    withEmulator([], async ({ client }) => {
      const results = await (await filled(client))({ query: 'the disk load', filters });
      expect(results.map(({ filename }) => filename).sort()).toEqual(names);
    }),
  );

  test('long texts are searched in pieces that overlap', () =>
    withEmulator([], async ({ client }) => {
      const { id } = await client.vectorStores.create({});
      const text = `${'x'.repeat(450)} needle ${'y'.repeat(300)}`;
      const chunking = {
        type: 'static' as const,
        static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 50 },
      };
      const file = { file_id: await upload(client, 'a.txt', text), chunking_strategy: chunking };
      await client.vectorStores.files.createAndPoll(id, file, poll);
      const results = await collect(client.vectorStores.search(id, { query: 'needle' }));
      expect(results.map(({ content }) => text.indexOf(content[0]?.text ?? '-'))).toEqual([200, 400]);
    }));

  test.each<[string, object, string]>([
    ['no query', {}, 'query'],
    ['too many results', { query: 'x', max_num_results: 51 }, 'max_num_results'],
    ['an unknown comparison', { query: 'x', filters: { type: 'like', key: 'a', value: 'b' } }, 'filters.type'],
    ['a comparison without a value', { query: 'x', filters: { type: 'eq', key: 'a' } }, 'filters.value'],
  ])('%s: refused', (_what, body, param) =>
    withEmulator([], async ({ client, emulator }) => {
      const { id } = await client.vectorStores.create({});
      const response = await send(emulator, `/vector_stores/${id}/search`, body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param } });
    }),
  );
});
