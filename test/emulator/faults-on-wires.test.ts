import { describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import type { Rule } from '../../src/emulator/index.ts';
import { type AssistantSetup, MODEL, withAssistant } from './with-assistant.ts';
import { collect } from './with-emulator.ts';

const words = 'Größe: one two three four';

interface Way {
  /** The text that came, piece by piece where it is a stream. */
  ask(setup: AssistantSetup): Promise<string>;
  /** Of the same request, for those who listen to the line itself. */
  path(setup: AssistantSetup): string;
  body(setup: AssistantSetup): object;
  ending: string;
}

const messages = [{ role: 'user' as const, content: 'Hi' }];

const chat: Way = {
  async ask({ client }) {
    const chunks = await collect(await client.chat.completions.create({ model: MODEL, messages, stream: true }));
    return chunks.map(({ choices: [choice] }) => choice?.delta.content ?? '').join('');
  },
  path: () => '/chat/completions',
  body: () => ({ model: MODEL, messages, stream: true }),
  ending: 'data: [DONE]\n\n',
};

const assistants: Way = {
  async ask({ client, thread, assistant }) {
    const events = await collect(await client.beta.threads.runs.create(thread.id, { assistant_id: assistant.id, stream: true }));
    const parts = events.flatMap(({ event, data }) => (event === 'thread.message.delta' ? (data.delta.content ?? []) : []));
    return parts.map((part) => (part.type === 'text' ? (part.text?.value ?? '') : '')).join('');
  },
  path: ({ thread }) => `/threads/${thread.id}/runs`,
  body: ({ assistant }) => ({ assistant_id: assistant.id, stream: true }),
  ending: 'event: done\ndata: [DONE]\n\n',
};

/** A client that keeps quiet about what it cannot read. */
const withQuiet = (rules: Rule[], run: (setup: AssistantSetup) => Promise<void>) =>
  withAssistant(rules, (setup) => run({ ...setup, client: setup.client.withOptions({ logLevel: 'off' }) }));

const open = (way: Way, setup: AssistantSetup): Promise<Response> =>
  fetch(`${setup.emulator.url}${way.path(setup)}`, {
    method: 'POST',
    headers: { authorization: 'Bearer offline', 'openai-beta': 'assistants=v2', 'content-type': 'application/json' },
    body: JSON.stringify(way.body(setup)),
  });

const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};

const dataOf = (text: string): string[] => text.split('\n').flatMap((line) => line.match(/^data: (.*)$/)?.[1] ?? []);

describe.each<[string, Way]>([
  ['Chat Completions', chat],
  ['Assistants', assistants],
])('a stream of %s', (_name, way) => {
  test.each<[string, Rule]>([
    ['is reset before anything is done', { reset: 'before' }],
    ['is reset after everything is done', { reset: 'after' }],
  ])('%s, once', (_what, rule) =>
    withQuiet([{ ...rule, times: 1 }, { text: words }], async (setup) => {
      await expect(way.ask(setup)).rejects.toThrow(OpenAI.APIConnectionError);
      expect(await way.ask(setup)).toBe(words);
    }),
  );

  test('breaks after so many events', () =>
    withQuiet([{ cut_after: 2 }, { text: words }], async (setup) => {
      const heard: string[] = [];
      const body = (await open(way, setup)).body?.pipeThrough(new TextDecoderStream()) ?? [];
      const reading = (async () => {
        for await (const piece of body) heard.push(piece);
      })();
      await expect(reading).rejects.toThrow('terminated');
      expect(dataOf(heard.join('')).map(isJson)).toEqual([true, true]);
    }));

  test('stalls after so many events, in the middle of the next', () =>
    withQuiet([{ stall: true, cut_after: 2 }, { text: words }], async (setup) => {
      const reader = (await open(way, setup)).body?.getReader();
      const decoder = new TextDecoder();
      let heard = '';
      while (heard.split('\n\n').length < 3 || heard.endsWith('\n\n')) {
        heard += decoder.decode((await reader?.read())?.value, { stream: true });
      }
      expect(dataOf(heard).map(isJson)).toEqual([true, true, false]);
      await reader?.cancel();
    }));

  test('has one event that is not JSON', () =>
    withQuiet([{ garbage: true, cut_after: 2 }, { text: words }], async (setup) => {
      const text = await (await open(way, setup)).text();
      const data = dataOf(text).slice(0, -1);
      expect(data.map(isJson)).toEqual([true, true, false, ...Array(data.length - 3).fill(true)]);
      expect(text.endsWith(way.ending)).toBe(true);
    }));

  test('is a page of a proxy', () =>
    withQuiet([{ html: true, error: { status: 502 } }], async (setup) => {
      const response = await open(way, setup);
      expect(response.status).toBe(502);
      expect(response.headers.get('content-type')).toContain('text/html');
    }));

  test('trickles in and is whole in the end', () =>
    withQuiet([{ slow_bytes_ms: 1 }, { text: words }], async (setup) => {
      expect(await way.ask(setup)).toBe(words);
    }));

  test('fails by chance, always at 1 and never at 0', () =>
    withQuiet(
      [
        { reset: 'before', probability: 0 },
        { text: words, times: 1 },
        { reset: 'before', probability: 1 },
      ],
      async (setup) => {
        expect(await way.ask(setup)).toBe(words);
        await expect(way.ask(setup)).rejects.toThrow(OpenAI.APIConnectionError);
      },
    ));
});

describe('a run', () => {
  const stored = async ({ client, thread }: AssistantSetup) => (await collect(client.beta.threads.runs.list(thread.id))).length;

  test.each<[string, Rule, number]>([
    ['is not made when the connection is reset before', { reset: 'before' }, 0],
    ['is not made when a proxy sends a page', { html: true, error: { status: 502 } }, 0],
    ['is made when the connection is reset after', { reset: 'after' }, 1],
    ['is made when its object is not JSON', { garbage: true }, 1],
  ])('%s', (_what, rule, runs) =>
    withQuiet([rule, { text: words }], async (setup) => {
      const { client, thread, assistant } = setup;
      await expect(client.beta.threads.runs.create(thread.id, { assistant_id: assistant.id })).rejects.toThrow();
      expect(await stored(setup)).toBe(runs);
    }),
  );

  test('is polled through faults on its path', () =>
    withQuiet([{ when: { path: '/threads/*/runs/*' }, reset: 'before', times: 1 }, { text: words }], async (setup) => {
      const { client, thread, assistant } = setup;
      const retrying = client.withOptions({ maxRetries: 1 });
      const run = await retrying.beta.threads.runs.createAndPoll(
        thread.id,
        { assistant_id: assistant.id },
        { pollIntervalMs: 1 },
      );
      expect(run.status).toBe('completed');
    }));

  test('goes on when its stream stalls and nobody reads any more', () =>
    withQuiet([{ stall: true }, { text: words }], async (setup) => {
      const reader = (await open(assistants, setup)).body?.getReader();
      await reader?.read();
      await reader?.cancel();
      const [run] = await collect(setup.client.beta.threads.runs.list(setup.thread.id));
      const ended = await setup.client.beta.threads.runs.poll(
        run?.id ?? '',
        { thread_id: setup.thread.id },
        { pollIntervalMs: 1 },
      );
      expect(ended.status).toBe('completed');
      expect(await setup.texts()).toEqual(['check both', words]);
    }));
});

test('a completion that is not JSON, or only half there', () =>
  withQuiet([{ garbage: true, times: 1 }, { stall: true, times: 1 }, { text: words }], async ({ client }) => {
    const ask = () => client.chat.completions.create({ model: MODEL, messages }, { timeout: 500 });
    await expect(ask()).rejects.toThrow(SyntaxError);
    await expect(ask()).rejects.toThrow(OpenAI.APIConnectionTimeoutError);
    expect((await ask()).choices[0]?.message.content).toBe(words);
  }));
