import { describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { type Rule, startEmulator } from '../../src/emulator/index.ts';
import { collect, type Setup, send, withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';
const words = 'Größe: one two three four';

type Ask = (client: OpenAI, conversation: string) => Promise<string>;

const askForJson: Ask = async (client, conversation) =>
  (await client.responses.create({ model: MODEL, input: 'Hi', conversation })).output_text;

const askForStream: Ask = async (client, conversation) => {
  const events = await collect(await client.responses.create({ model: MODEL, input: 'Hi', conversation, stream: true }));
  return events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
};

const ways: [string, Ask][] = [
  ['JSON', askForJson],
  ['a stream', askForStream],
];

/** The conversation is free again as soon as the emulator sees that the client has gone. */
const whenFree = (ask: () => Promise<string>): Promise<string> =>
  ask().catch((error: InstanceType<typeof OpenAI.APIError>) => {
    if (error.code !== 'conversation_locked') throw error;
    return whenFree(ask);
  });

/** A test with a conversation, and a client that keeps quiet about what it cannot read. */
const withConversation = (
  rules: Rule[],
  run: (setup: Setup & { conversation: string; said(): Promise<unknown[]> }) => Promise<void>,
) =>
  withEmulator(rules, async ({ client: loud, emulator }) => {
    const client = loud.withOptions({ logLevel: 'off' });
    const { id: conversation } = await client.conversations.create();
    const said = () => collect(client.conversations.items.list(conversation));
    await run({ client, emulator, conversation, said });
  });

describe.each(ways)('an answer as %s', (_kind, ask) => {
  test('whose connection is reset before anything is done', () =>
    withConversation([{ reset: 'before', times: 1 }, { text: words }], async ({ client, conversation, said }) => {
      await expect(ask(client, conversation)).rejects.toThrow(OpenAI.APIConnectionError);
      expect(await said()).toEqual([]);
      expect(await ask(client, conversation)).toBe(words);
    }));

  test('whose connection is reset after everything is done: who retries, asks twice', () =>
    withConversation([{ reset: 'after', times: 1 }, { text: words }], async ({ client, conversation, said }) => {
      await expect(ask(client, conversation)).rejects.toThrow(OpenAI.APIConnectionError);
      expect(await said()).toHaveLength(2);
      await ask(client, conversation);
      expect(await said()).toHaveLength(4);
    }));

  test('in place of which a proxy sends a page', () =>
    withConversation([{ html: true, times: 1 }, { text: words }], async ({ client, conversation, said }) => {
      const outcome = await ask(client, conversation).catch(() => '');
      expect(outcome).not.toBe(words);
      expect(await said()).toEqual([]);
    }));

  test('that is not JSON, although everything was done', () =>
    withConversation([{ garbage: true, times: 1 }, { text: words }], async ({ client, conversation }) => {
      await expect(ask(client, conversation)).rejects.toThrow(SyntaxError);
      expect(await whenFree(() => ask(client, conversation))).toBe(words);
    }));

  test('that trickles in is whole in the end', () =>
    withConversation([{ slow_bytes_ms: 1 }, { text: words }], async ({ client, conversation }) => {
      expect(await ask(client, conversation)).toBe(words);
    }));
});

describe('an answer that stalls', () => {
  test('as JSON has been carried out', () =>
    withConversation([{ stall: true, times: 1 }, { text: words }], async ({ client, conversation, said }) => {
      const request = { model: MODEL, input: 'Hi', conversation };
      await expect(client.responses.create(request, { timeout: 100 })).rejects.toThrow(OpenAI.APIConnectionTimeoutError);
      expect(await said()).toHaveLength(2);
    }));

  test('sends its headers and its beginning', () =>
    withEmulator([{ stall: true }], async ({ emulator }) => {
      const response = await send(emulator, '/responses', { model: MODEL, input: 'Hi' });
      expect(response.headers.get('content-type')).toBe('application/json');
      const reader = response.body?.getReader();
      expect(new TextDecoder().decode((await reader?.read())?.value)).toMatch(/^\{"id":"resp_/);
      await reader?.cancel();
    }));

  test('as a stream keeps the conversation until the client goes away', () =>
    withConversation([{ stall: true, cut_after: 3, times: 1 }, { text: words }], async ({ client, conversation, said }) => {
      const stream = await client.responses.create({ model: MODEL, input: 'Hi', conversation, stream: true });
      let seen = 0;
      for await (const _event of stream) {
        seen += 1;
        if (seen < 3) continue;
        await expect(askForJson(client, conversation)).rejects.toMatchObject({ code: 'conversation_locked' });
        break;
      }
      expect(await said()).toEqual([]);
      expect(await whenFree(() => askForJson(client, conversation))).toBe(words);
    }));

  test('is ended when the emulator is closed', async () => {
    const emulator = await startEmulator({ rules: [{ stall: true }] });
    const client = new OpenAI({ apiKey: 'offline', baseURL: emulator.url, maxRetries: 0 });
    const stream = await client.responses.create({ model: MODEL, input: 'Hi', stream: true });
    const reading = collect(stream);
    await emulator.close();
    await expect(reading).rejects.toThrow('terminated');
  });
});

describe('an answer that is broken', () => {
  test('in one event of a stream has the events before and after it', () =>
    withEmulator([{ garbage: true, cut_after: 2 }, { text: 'one' }], async ({ emulator }) => {
      const response = await send(emulator, '/responses', { model: MODEL, input: 'Hi', stream: true });
      const data = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
      const isJson = data.map((line) => {
        try {
          return typeof JSON.parse(line.slice(6)) === 'object';
        } catch {
          return false;
        }
      });
      expect(isJson).toEqual([true, true, false, ...Array(data.length - 3).fill(true)]);
      expect(data.at(-1)).toContain('response.completed');
    }));

  test('by a proxy has the status of the error', () =>
    withEmulator([{ html: true, error: { status: 502 } }], async ({ client, emulator }) => {
      await expect(client.responses.create({ model: MODEL, input: 'Hi' })).rejects.toMatchObject({ status: 502 });
      const response = await send(emulator, '/responses', { model: MODEL, input: 'Hi' });
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(await response.text()).toContain('<h1>');
    }));

  test('can be an error too', () =>
    withEmulator([{ garbage: true, error: { status: 500 } }], async ({ emulator }) => {
      const response = await send(emulator, '/responses', { model: MODEL, input: 'Hi' });
      expect(response.status).toBe(500);
      await expect(response.json()).rejects.toMatchObject({ name: 'SyntaxError' });
    }));
});

describe('rules that only disturb', () => {
  test('leave the answer to the rules below them, one at a time', () =>
    withConversation(
      [{ cut_after: 6, times: 1 }, { when: { prompt: 'Hi' }, reset: 'after', times: 1 }, { slow_bytes_ms: 1 }, { text: words }],
      async ({ client, conversation }) => {
        const ask = () => askForStream(client, conversation);
        await expect(ask()).rejects.toThrow('terminated');
        await expect(whenFree(ask)).rejects.toThrow(OpenAI.APIConnectionError);
        expect(await ask()).toBe(words);
      },
    ));

  test('use up no answer when nothing is to be done', () =>
    withConversation(
      [{ reset: 'before', times: 1 }, { text: 'first', times: 1 }, { text: 'second' }],
      async ({ client, conversation }) => {
        await expect(askForJson(client, conversation)).rejects.toThrow();
        expect(await askForJson(client, conversation)).toBe('first');
      },
    ));

  test('leave requests without a rule to what is built in', () =>
    withConversation([{ latency_ms: 1 }], async ({ client, conversation }) => {
      expect(await askForJson(client, conversation)).toContain('Offline emulator');
    }));

  test('break an answer in one way at a time', async () => {
    const starting = startEmulator({ rules: [{ text: 'x' }, { stall: true, garbage: true }] });
    await expect(starting).rejects.toThrow("The emulator's rules[1] breaks its answer in two ways: stall and garbage.");
  });
});
