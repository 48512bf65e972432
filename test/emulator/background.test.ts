import { expect, test } from '@jest/globals';
import type OpenAI from 'openai';
import { collect, withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';
const words = 'one two three four five six';

async function untilOver(client: OpenAI, id: string) {
  for (;;) {
    const response = await client.responses.retrieve(id);
    if (response.status !== 'queued' && response.status !== 'in_progress') return response;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a background response is queued at once, and done when it is done', () =>
  withEmulator([{ text: 'Done.', latency_ms: 60 }], async ({ client }) => {
    const { id: conversation } = await client.conversations.create();
    const queued = await client.responses.create({ model: MODEL, input: 'Work', background: true, conversation });
    expect(queued.status).toBe('queued');
    expect((await untilOver(client, queued.id)).output_text).toBe('Done.');
    expect(await collect(client.conversations.items.list(conversation))).toHaveLength(2);
  }));

test('a background response can be cancelled, again and again, and leaves no trace in the conversation', () =>
  withEmulator({ latencyMs: 5000 }, async ({ client }) => {
    const { id: conversation } = await client.conversations.create();
    const { id } = await client.responses.create({ model: MODEL, input: 'Work', background: true, conversation });
    expect((await client.responses.cancel(id)).status).toBe('cancelled');
    expect((await client.responses.cancel(id)).status).toBe('cancelled');
    expect((await client.responses.retrieve(id)).status).toBe('cancelled');
    expect(await collect(client.conversations.items.list(conversation))).toEqual([]);
  }));

test('a response that does not run in the background cannot be cancelled', () =>
  withEmulator([], async ({ client }) => {
    const { id } = await client.responses.create({ model: MODEL, input: 'Work' });
    await expect(client.responses.cancel(id)).rejects.toMatchObject({ status: 400 });
  }));

test('a background stream that broke goes on after the last event that was seen', () =>
  withEmulator([{ text: words, chunk_latency_ms: 5, cut_after: 7 }], async ({ client }) => {
    const seen: number[] = [];
    let id = '';
    const read = async () => {
      for await (const event of await client.responses.create({ model: MODEL, input: 'Work', background: true, stream: true })) {
        if (event.type === 'response.created') id = event.response.id;
        seen.push(event.sequence_number);
      }
    };
    await expect(read()).rejects.toThrow('terminated');
    const rest = await collect(await client.responses.retrieve(id, { stream: true, starting_after: seen.at(-1) ?? 0 }));
    const numbers = [...seen, ...rest.map((event) => event.sequence_number)];
    expect(numbers).toEqual([...numbers.keys()]);
    expect(rest.at(-1)?.type).toBe('response.completed');
  }));

test('a response that was not made for it cannot be streamed again', () =>
  withEmulator([], async ({ client }) => {
    const { id } = await client.responses.create({ model: MODEL, input: 'Work' });
    await expect(client.responses.retrieve(id, { stream: true })).rejects.toMatchObject({ status: 400 });
  }));
