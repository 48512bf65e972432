import { describe, expect, test } from '@jest/globals';
import type OpenAI from 'openai';
import { toFile } from 'openai';
import { type Rule, startEmulator } from '../../src/emulator/index.ts';
import { collect, send, withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';

const upload = async (client: OpenAI, name: string) =>
  (await client.files.create({ file: await toFile(Buffer.from(`All about ${name}`), name), purpose: 'user_data' })).id;

const annotationsOf = ({ output }: OpenAI.Responses.Response) =>
  output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .flatMap((part) => ('annotations' in part ? part.annotations : []));

describe('files and stores that a request names', () => {
  test('are taken when they exist', () =>
    withEmulator([{ text: 'Read.' }], async ({ client }) => {
      const id = await upload(client, 'a.md');
      const store = await client.vectorStores.create({});
      const response = await client.responses.create({
        model: MODEL,
        input: [{ role: 'user', content: [{ type: 'input_file', file_id: id }] }],
        tools: [
          { type: 'file_search', vector_store_ids: [store.id] },
          { type: 'code_interpreter', container: { type: 'auto', file_ids: [id] } },
        ],
      });
      expect(response.output_text).toBe('Read.');
    }));

  const message = (part: object) => ({ input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }, part] }] });
  test.each<[string, object, string]>([
    ['a file', message({ type: 'input_file', file_id: 'file-none' }), 'input[0].content[1].file_id'],
    ['an image', message({ type: 'input_image', file_id: 'file-none', detail: 'auto' }), 'input[0].content[1].file_id'],
    [
      'a vector store',
      { input: 'Hi', tools: [{ type: 'file_search', vector_store_ids: ['vs_none'] }] },
      'tools[0].vector_store_ids[0]',
    ],
    [
      "a container's file",
      { input: 'Hi', tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-none'] } }] },
      'tools[0].container.file_ids[0]',
    ],
  ])('are refused when they do not: %s', (_what, body, param) =>
    withEmulator([], async ({ emulator }) => {
      const response = await send(emulator, '/responses', { model: MODEL, ...body });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { param } });
    }),
  );

  test('are refused in a conversation too, which stays as it was', () =>
    withEmulator([], async ({ client }) => {
      const content = [{ type: 'input_file' as const, file_id: 'file-none' }];
      const items = [{ type: 'message' as const, role: 'user' as const, content }];
      await expect(client.conversations.create({ items })).rejects.toMatchObject({ status: 404 });
      const { id } = await client.conversations.create();
      await expect(client.conversations.items.create(id, { items })).rejects.toMatchObject({
        status: 404,
        param: 'items[0].content[0].file_id',
      });
      expect(await collect(client.conversations.items.list(id))).toEqual([]);
    }));
});

describe('citations', () => {
  const rule: Rule = {
    text: 'See the runbook.',
    annotations: [
      { type: 'url_citation', url: 'https://example.com/a', title: 'A', start_index: 4, end_index: 15 },
      { type: 'url_citation', url: 'https://example.com/b' },
      { type: 'file_citation', filename: 'runbook.md' },
      { type: 'file_citation', filename: 'lost.md', index: 3 },
    ],
  };

  test('stand on the text, and files are found by their names', () =>
    withEmulator([rule], async ({ client }) => {
      await upload(client, 'runbook.md');
      const newest = await upload(client, 'runbook.md');
      const response = await client.responses.create({ model: MODEL, input: 'Hi' });
      expect(annotationsOf(response)).toEqual([
        { type: 'url_citation', url: 'https://example.com/a', title: 'A', start_index: 4, end_index: 15 },
        { type: 'url_citation', url: 'https://example.com/b', title: '', start_index: 0, end_index: 16 },
        { type: 'file_citation', file_id: newest, filename: 'runbook.md', index: 16 },
        { type: 'file_citation', file_id: expect.stringMatching(/^file-/), filename: 'lost.md', index: 3 },
      ]);
    }));

  test('come one by one in a stream', () =>
    withEmulator([rule], async ({ client }) => {
      const events = await collect(await client.responses.create({ model: MODEL, input: 'Hi', stream: true }));
      const added = events.filter(({ type }) => type === 'response.output_text.annotation.added');
      expect(added).toMatchObject([0, 1, 2, 3].map((annotation_index) => ({ annotation_index, content_index: 0 })));
      const types = events.map(({ type }) => type);
      expect(types.indexOf('response.output_text.done')).toBeGreaterThan(
        types.lastIndexOf('response.output_text.annotation.added'),
      );
    }));

  test('stay on the message in its conversation', () =>
    withEmulator([rule], async ({ client }) => {
      const { id: conversation } = await client.conversations.create();
      await client.responses.create({ model: MODEL, input: 'Hi', conversation });
      const [answer] = await collect(client.conversations.items.list(conversation));
      expect(answer).toMatchObject({ content: [{ annotations: [{ title: 'A' }, {}, {}, {}] }] });
    }));

  test.each<[string, Rule]>([
    ['a refusal', { refusal: 'No.', annotations: [] }],
    ['a text that breaks off', { text: 'It', incomplete: 'max_output_tokens', file_search: true }],
    ['an error', { error: { status: 500 }, container_files: [{ filename: 'a', text: '' }] }],
  ])('do not go with %s', async (_what, given) => {
    await expect(startEmulator({ rules: [given] })).rejects.toThrow('no text that it could belong to');
  });
});

describe('a search of files', () => {
  const setUp = async (client: OpenAI) => {
    const { id } = await client.vectorStores.create({});
    const file_id = await upload(client, 'disk.md');
    await client.vectorStores.files.createAndPoll(id, { file_id }, { pollIntervalMs: 5 });
    return { file_id, tools: [{ type: 'file_search' as const, vector_store_ids: [id] }] };
  };

  test('comes before the answer, if the request offers one', () =>
    withEmulator([{ text: 'Found.', file_search: true }], async ({ client }) => {
      const { tools } = await setUp(client);
      const response = await client.responses.create({ model: MODEL, input: 'disk?', tools });
      expect(response.output).toMatchObject([
        { type: 'file_search_call', status: 'completed', queries: ['disk?'], results: null },
        { type: 'message' },
      ]);
      const without = await client.responses.create({ model: MODEL, input: 'disk?' });
      expect(without.output.map(({ type }) => type)).toEqual(['message']);
    }));

  test('says what it found, if it is asked to', () =>
    withEmulator([{ text: 'Found.', file_search: true }], async ({ client }) => {
      const { file_id, tools } = await setUp(client);
      const include = ['file_search_call.results' as const];
      const response = await client.responses.create({ model: MODEL, input: 'disk?', tools, include });
      expect(response.output[0]).toMatchObject({
        results: [{ file_id, filename: 'disk.md', text: 'All about disk.md', score: 1 }],
      });
    }));

  test('is streamed, and stays in the conversation', () =>
    withEmulator([{ text: 'Found.', file_search: true }], async ({ client }) => {
      const { tools } = await setUp(client);
      const { id: conversation } = await client.conversations.create();
      const stream = await client.responses.create({ model: MODEL, input: 'disk?', tools, conversation, stream: true });
      const types = (await collect(stream)).map(({ type }) => type);
      expect(types.slice(2, 7)).toEqual([
        'response.output_item.added',
        'response.file_search_call.in_progress',
        'response.file_search_call.searching',
        'response.file_search_call.completed',
        'response.output_item.done',
      ]);
      const items = await collect(client.conversations.items.list(conversation, { order: 'asc' }));
      expect(items.map(({ type }) => type)).toEqual(['message', 'file_search_call', 'message']);
      await client.responses.create({ model: MODEL, input: 'Again?', conversation });
    }));
});

describe('files that an answer makes', () => {
  test('are cited and can be downloaded', () =>
    withEmulator(
      [
        {
          text: 'Here you are.',
          container_files: [
            { filename: 'plot.csv', text: 'a,b\nü,2' },
            { container_id: 'cntr_mine', filename: 'empty.txt', text: '' },
          ],
        },
      ],
      async ({ client }) => {
        const response = await client.responses.create({ model: MODEL, input: 'Plot' });
        const [plot, empty] = annotationsOf(response).filter((one) => one.type === 'container_file_citation');
        expect(plot).toMatchObject({ filename: 'plot.csv', start_index: 0, end_index: 13 });
        expect(empty).toMatchObject({ filename: 'empty.txt', container_id: 'cntr_mine' });
        const textOf = async (file: string, container: string) =>
          (await client.containers.files.content.retrieve(file, { container_id: container })).text();
        expect(await textOf(plot?.file_id ?? '', plot?.container_id ?? '')).toBe('a,b\nü,2');
        expect(await textOf(empty?.file_id ?? '', 'cntr_mine')).toBe('');
        await expect(textOf(plot?.file_id ?? '', 'cntr_mine')).rejects.toMatchObject({ status: 404 });
      },
    ));
});
