import { describe, expect, test } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
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

describe('chance', () => {
  const asked = 40;
  /** One letter for each question: `f` where the fault struck. */
  async function outcomes(probability: number, seed?: number): Promise<string> {
    let letters = '';
    const rules: Rule[] = [{ error: { status: 500 }, probability }, { text: '.' }];
    await withEmulator({ rules, ...(seed === undefined ? {} : { seed }) }, async ({ client }) => {
      for (let index = 0; index < asked; index += 1)
        letters += await client.responses.create({ model: MODEL, input: 'Hi' }).then(
          ({ output_text: text }) => text,
          () => 'f',
        );
    });
    return letters;
  }

  test('strikes sometimes, and in the same way for the same seed', async () => {
    const letters = await outcomes(0.5);
    expect(new Set(letters)).toEqual(new Set(['f', '.']));
    expect(await outcomes(0.5)).toBe(letters);
    expect(await outcomes(0.5, 2)).not.toBe(letters);
  });

  test('never strikes at 0 and always at 1', async () => {
    expect(await outcomes(0)).toBe('.'.repeat(asked));
    expect(await outcomes(1)).toBe('f'.repeat(asked));
  });
});
