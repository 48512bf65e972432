import { expect, test } from '@jest/globals';
import { collect, send, withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';
const words = 'one two three four five six seven eight';

test('every answer says that it is emulated and carries the headers that clients read', () =>
  withEmulator([], async ({ emulator }) => {
    for (const path of ['/responses', '/nowhere']) {
      const { headers } = await send(emulator, path, { model: MODEL, input: 'Hi' });
      expect(headers.get('x-threadline-emulator')).toBe('true');
      expect(headers.get('x-request-id')).toMatch(/^req_/);
      expect(headers.get('openai-processing-ms')).toMatch(/^\d+$/);
      expect(headers.get('x-ratelimit-remaining-requests')).toMatch(/^\d+$/);
    }
  }));

test('a cut stream breaks the connection after so many events and leaves the conversation as it was', () =>
  withEmulator([{ text: words, cut_after: 6 }], async ({ client }) => {
    const { id: conversation } = await client.conversations.create();
    const types: string[] = [];
    const read = async () => {
      for await (const { type } of await client.responses.create({ model: MODEL, input: 'Hi', conversation, stream: true }))
        types.push(type);
    };
    await expect(read()).rejects.toThrow('terminated');
    expect(types).toHaveLength(6);
    expect(await collect(client.conversations.items.list(conversation))).toEqual([]);
  }));

test('a stream that is cut just before its end has not been completed', () =>
  withEmulator([{ text: 'one', cut_after: 8 }], async ({ client }) => {
    const { id: conversation } = await client.conversations.create();
    const stream = await client.responses.create({ model: MODEL, input: 'Hi', conversation, stream: true });
    await expect(collect(stream)).rejects.toThrow('terminated');
    expect(await collect(client.conversations.items.list(conversation))).toEqual([]);
  }));

test('when the client leaves in mid-stream, the run stops, appends nothing and frees the conversation', () =>
  withEmulator([{ text: words, chunk_latency_ms: 20, times: 1 }], async ({ client }) => {
    const { id: conversation } = await client.conversations.create();
    const stream = await client.responses.create({ model: MODEL, input: 'Hi', conversation, stream: true });
    for await (const { type } of stream) if (type === 'response.output_text.delta') break;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await collect(client.conversations.items.list(conversation))).toEqual([]);
    expect((await client.responses.create({ model: MODEL, input: 'Again', conversation })).status).toBe('completed');
  }));

test('when the client stops waiting for a JSON answer, nothing is appended', () =>
  withEmulator({ latencyMs: 100 }, async ({ client }) => {
    const { id: conversation } = await client.conversations.create();
    const answer = client.responses.create({ model: MODEL, input: 'Hi', conversation }, { timeout: 30 });
    await expect(answer).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await collect(client.conversations.items.list(conversation))).toEqual([]);
  }));

test('an error rule answers with its status, body and headers', () =>
  withEmulator(
    [{ error: { status: 429, code: 'rate_limit_exceeded', message: 'Slow down.', headers: { 'retry-after': 2 } }, times: 1 }],
    async ({ client }) => {
      const answer = client.responses.create({ model: MODEL, input: 'Hi' });
      const error = await answer.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        status: 429,
        code: 'rate_limit_exceeded',
        type: 'rate_limit_error',
        error: { message: 'Slow down.' },
      });
      expect((error as { headers: Headers }).headers.get('retry-after')).toBe('2');
      expect((await client.responses.create({ model: MODEL, input: 'Hi' })).status).toBe('completed');
    },
  ));

test("the client's own retries get past an error that happens once", () =>
  withEmulator(
    [{ error: { status: 503, headers: { 'retry-after-ms': 1 } }, times: 2 }, { text: 'Here.' }],
    async ({ client, emulator }) => {
      const response = await client.withOptions({ maxRetries: 2 }).responses.create({ model: MODEL, input: 'Hi' });
      expect(response.output_text).toBe('Here.');
      expect(emulator.requests).toHaveLength(3);
    },
  ));

test('requests keep method, path, headers and body', () =>
  withEmulator([], async ({ client, emulator }) => {
    await client.responses.create({ model: MODEL, input: 'Hi' }, { headers: { 'idempotency-key': 'step-1' } });
    expect(emulator.requests).toMatchObject([
      { method: 'POST', path: '/responses', headers: { 'idempotency-key': 'step-1' }, body: { model: MODEL, input: 'Hi' } },
    ]);
  }));

test('every model exists, and those that were used are listed', () =>
  withEmulator(
    [{ when: { path: '/models/*', model: 'gone' }, error: { status: 404, code: 'model_not_found' } }],
    async ({ client }) => {
      await client.responses.create({ model: MODEL, input: 'Hi' });
      expect((await collect(client.models.list())).map(({ id }) => id)).toContain(MODEL);
      expect(await client.models.retrieve('anything')).toMatchObject({ id: 'anything', object: 'model' });
      await expect(client.models.retrieve('gone')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    },
  ));

test('closing ends streams that are still open', () =>
  withEmulator([{ text: words, chunk_latency_ms: 10_000 }], async ({ client, emulator }) => {
    const stream = await client.responses.create({ model: MODEL, input: 'Hi', stream: true });
    const reading = collect(stream);
    await emulator.close();
    await expect(reading).rejects.toThrow('terminated');
  }));
