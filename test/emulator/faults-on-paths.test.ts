import { describe, expect, test } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import type { Rule } from '../../src/emulator/index.ts';
import { collect, withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';

describe('paths that ask no model', () => {
  const upload = async (client: OpenAI) =>
    client.files.create({ file: await toFile(Buffer.from('x'.repeat(200)), 'a.md'), purpose: 'user_data' });

  test.each(['before', 'after'] as const)('can be reset %s they work', (reset) =>
    withEmulator([{ when: { path: '/files' }, reset, times: 1 }], async ({ client }) => {
      await expect(upload(client)).rejects.toThrow(OpenAI.APIConnectionError);
      expect(await collect(client.files.list())).toHaveLength(reset === 'before' ? 0 : 1);
    }),
  );

  test.each<[string, Rule, unknown]>([
    ['stall', { stall: true }, OpenAI.APIConnectionTimeoutError],
    ['send garbage', { garbage: true }, SyntaxError],
    ['send a page', { html: true, error: { status: 503 } }, OpenAI.InternalServerError],
  ])('can %s', (_what, rule, error) =>
    withEmulator([{ ...rule, when: { path: '/conversations/*' }, times: 1 }], async ({ client }) => {
      const { id } = await client.conversations.create();
      await expect(client.conversations.retrieve(id, { timeout: 100 })).rejects.toThrow(error as typeof SyntaxError);
      expect((await client.conversations.retrieve(id)).id).toBe(id);
    }),
  );

  test('can send files slowly, or only half of them', () =>
    withEmulator(
      [
        { when: { path: '/files/*/content' }, slow_bytes_ms: 1, times: 1 },
        { when: { path: '/files/*/content' }, stall: true },
      ],
      async ({ client, emulator }) => {
        const { id } = await upload(client);
        expect(await (await client.files.content(id)).text()).toBe('x'.repeat(200));
        const response = await fetch(`${emulator.url}/files/${id}/content`, { headers: { authorization: 'Bearer offline' } });
        expect(response.headers.get('content-length')).toBe('200');
        const reader = response.body?.getReader();
        expect((await reader?.read())?.value).toHaveLength(100);
        await reader?.cancel();
      },
    ));

  test('can break a stream that is read again', () =>
    withEmulator([{ when: { path: '/responses/*' }, cut_after: 2 }], async ({ client }) => {
      const created = await client.responses.create({ model: MODEL, input: 'Hi', background: true, stream: true });
      const [first] = await collect(created);
      const id = first?.type === 'response.created' ? first.response.id : '';
      const again = await client.responses.retrieve(id, { stream: true });
      await expect(collect(again)).rejects.toThrow('terminated');
    }));

  test('are left alone by faults that do not name them', () =>
    withEmulator([{ reset: 'before' }], async ({ client }) => {
      expect((await client.conversations.create()).object).toBe('conversation');
    }));

  test('let vector stores take their time', () =>
    withEmulator([{ when: { path: '/vector_stores/*/files' }, latency_ms: 60_000 }], async ({ client }) => {
      const { id } = await client.vectorStores.create({});
      const file = await client.vectorStores.files.create(id, { file_id: (await upload(client)).id });
      expect(file.status).toBe('in_progress');
      expect(await client.vectorStores.retrieve(id)).toMatchObject({ status: 'in_progress', file_counts: { in_progress: 1 } });
    }));
});
