import { expect } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { testStep } from 'threadline/testing';
import type { Rule } from '../../../src/emulator/index.ts';
import type { Params } from '../contract/schema.ts';
import type { Feature } from '../question/features.ts';
import { host, type Setup } from '../testing/test-assistant.ts';
import type { WireName } from './index.ts';

/** A test of one capability, on one wire, streamed or not. */
export interface Bench extends Omit<Setup, 'ask'> {
  ask(params: Params): ReturnType<Setup['ask']>;
  wire: WireName;
  stream: boolean;
  /** Uploads one of FILES. */
  fileId(name: string): Promise<string>;
  /** Makes a vector store. */
  storeId(): Promise<string>;
}

export interface Capability {
  title: string;
  rows: string;
  rules?: Rule[];
  /** Refused on wires that have no words for it. */
  needs?: Feature;
  test(bench: Bench): Promise<void>;
}

const lookup = (run: (args: JsonObject) => string | Promise<string>) => ({
  function: 'lookup',
  description: 'Looks a host up',
  parameters: host,
  provider: testStep(run),
});
const calls = (...hosts: string[]) => hosts.map((name) => ({ name: 'lookup', arguments: { host: name } }));
const verdict = {
  type: 'object',
  properties: { severity: { type: 'string' }, action: { type: 'string' }, reason: { type: 'string' } },
  required: ['severity', 'action', 'reason'],
  additionalProperties: false,
};
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export const CAPABILITIES: Capability[] = [
  {
    title: 'a thread begins, and its id goes to the next step',
    rows: 'T1 T2 T3 T11 T13 T23',
    rules: [
      { when: { turn: 0 }, text: 'First.' },
      { when: { turn: 1, prompt: 'Two' }, text: 'Second.' },
    ],
    async test({ ask }) {
      const first = await ask({ prompt: 'One' });
      expect(first).toMatchObject({ text: 'First.', status: 'completed', thread_id: expect.any(String) });
      expect(await ask({ prompt: 'Two', thread_id: String(first.thread_id) })).toMatchObject({
        text: 'Second.',
        thread_id: first.thread_id,
      });
    },
  },
  {
    title: 'a key leads to its thread',
    rows: 'T5 T10',
    rules: [
      { when: { turn: 0 }, text: 'First.' },
      { when: { turn: 1 }, text: 'Second.' },
    ],
    async test({ ask }) {
      const first = await ask({ prompt: 'One', thread: { key: 'host:db-1' } });
      const second = await ask({ prompt: 'Two', thread: { key: 'host:db-1' } });
      expect(second).toMatchObject({ text: 'Second.', thread_id: first.thread_id });
      expect(await ask({ prompt: 'One', thread: { key: 'host:db-2' } })).toMatchObject({ text: 'First.' });
    },
  },
  {
    title: 'the whole history, in order',
    rows: 'T12',
    async test({ ask }) {
      const { thread_id: threadId } = await ask({ prompt: 'One' });
      const { messages } = await ask({ prompt: 'Two', thread_id: String(threadId) });
      expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
      expect(messages.map(({ text }) => text).filter((_, index) => index % 2 === 0)).toEqual(['One', 'Two']);
    },
  },
  {
    title: 'instructions, and more of them for one run',
    rows: 'T20 A13',
    rules: [{ when: { instructions: '/You are SRE\\.[\\s\\S]*Be short\\./' }, text: 'Short.' }],
    async test({ ask }) {
      const params = { prompt: 'Hi', instructions: 'You are SRE.', additional_instructions: 'Be short.\nVery.' };
      expect(await ask(params)).toMatchObject({ text: 'Short.' });
    },
  },
  {
    title: 'truncation to the last messages',
    rows: 'T21',
    rules: [{ when: { turn: 0 }, text: 'Fresh.' }],
    async test({ ask }) {
      const { thread_id: threadId } = await ask({ prompt: 'One' });
      const truncation_strategy = { type: 'last_messages', last_messages: 1 } as const;
      const { text, messages } = await ask({ prompt: 'Two', thread_id: String(threadId), truncation_strategy });
      expect({ text, count: messages.length }).toEqual({ text: 'Fresh.', count: 4 });
    },
  },
  {
    title: 'a limit of the prompt, in tokens',
    rows: 'T22 O6',
    async test({ ask, wire, emulator }) {
      const { thread_id: threadId } = await ask({ prompt: 'disk '.repeat(2000) });
      const { messages } = await ask({ prompt: 'Two', thread_id: String(threadId), max_prompt_tokens: 600 });
      expect(messages).toHaveLength(4);
      const last = JSON.stringify(emulator.requests.findLast(({ method, path }) => method === 'POST' && ASKS.test(path))?.body);
      // There the server counts.
      if (wire === 'assistants') expect(last).toContain('"max_prompt_tokens":600');
      else expect(last).not.toContain('disk disk');
    },
  },
  {
    title: 'a limit of the answer, temperature, top_p, reasoning effort',
    rows: 'O5 O6 T14',
    async test({ ask, wire, emulator }) {
      await ask({ prompt: 'Hi', max_completion_tokens: 300, temperature: 0.5, top_p: 0.9, reasoning_effort: 'low' });
      const body = emulator.requests.findLast(({ method, path }) => method === 'POST' && ASKS.test(path))?.body as JsonObject;
      expect(body).toMatchObject({ temperature: 0.5, top_p: 0.9 });
      expect(body.max_output_tokens ?? body.max_completion_tokens).toBe(300);
      expect(body.reasoning_effort ?? (body.reasoning as JsonObject).effort).toBe('low');
      expect(wire).toBeDefined();
    },
  },
  {
    title: 'functions, several at once',
    rows: 'F1 F2 F3 F4 F5 F10 F12 F17 F20',
    rules: [
      { when: { tool_output: '/a up[\\s\\S]*b up/' }, text: 'Both are up.' },
      { when: { tool: 'lookup' }, tool_calls: calls('a', 'b') },
    ],
    async test({ ask, events }) {
      const { text, tool_calls: made } = await ask({ prompt: 'Look', tools: [lookup(({ host: name }) => `${name} up`)] });
      expect(text).toBe('Both are up.');
      expect(made).toMatchObject([
        { name: 'lookup', arguments: { host: 'a' }, output: 'a up', error: null, duration_ms: expect.any(Number) },
        { name: 'lookup', arguments: { host: 'b' }, output: 'b up', error: null },
      ]);
      expect(events.filter(({ type }) => type === 'tool-started')).toHaveLength(2);
    },
  },
  {
    title: 'a function that fails tells the model why',
    rows: 'F6 F14 F19',
    rules: [
      { when: { tool_output: 'do not fit' }, text: 'My fault.' },
      { when: { tool: 'lookup' }, tool_calls: [{ name: 'lookup', arguments: {} }] },
    ],
    async test({ ask }) {
      expect(await ask({ prompt: 'Look', tools: [lookup(() => 'up')] })).toMatchObject({
        text: 'My fault.',
        tool_calls: [{ error: expect.stringContaining('do not fit') }],
      });
    },
  },
  {
    title: 'functions off',
    rows: 'F25',
    rules: [{ when: { tool: 'lookup' }, text: 'Offered.' }, { text: 'Not offered.' }],
    async test({ ask }) {
      expect(await ask({ prompt: 'Look', tools: [lookup(() => 'up')], functions_off: true })).toMatchObject({
        text: 'Not offered.',
      });
    },
  },
  {
    title: 'an interrupted round leaves the thread usable',
    rows: 'F5 T7',
    rules: [
      { when: { prompt: 'Look' }, tool_calls: calls('a'), times: 1 },
      { when: { prompt: 'Next' }, text: 'Here.' },
    ],
    async test({ ask, failure, wire, stream, emulator }) {
      const { thread_id: threadId } = await ask({ prompt: 'Begin' });
      const never = () => new Promise<string>(() => undefined);
      const shared = { thread_id: String(threadId), wire, stream, model: 'gpt-6-luna' } as const;
      const error = await failure({ ...shared, prompt: 'Look', tools: [lookup(never)], timeout: '300ms' });
      expect(error).toMatchObject({ code: 'timeout', details: { thread_id: threadId } });
      expect(await ask({ prompt: 'Next', thread_id: String(threadId) })).toMatchObject({ text: 'Here.' });
      expect(emulator.violations).toEqual([]);
    },
  },
  {
    title: 'a time-out ends the run at the server',
    rows: 'T16 T18',
    rules: [{ when: { prompt: 'Slow' }, text: 'Late.', latency_ms: 20_000 }],
    async test({ failure, wire, stream, traffic }) {
      const error = await failure({ prompt: 'Slow', wire, stream, timeout: '300ms' });
      expect(error).toMatchObject({ code: 'timeout', details: { thread_id: expect.any(String) } });
      if (wire === 'assistants') expect(traffic().some((line) => line.endsWith('/cancel'))).toBe(true);
    },
  },
  {
    title: 'data that fits a schema, asked for again where it does not',
    rows: 'O1 O2 O10 O11',
    rules: [
      { when: { prompt: 'does not fit' }, json: { severity: 'high', action: 'restart', reason: 'disk' } },
      { json: { severity: 'high' } },
    ],
    async test({ ask }) {
      const { response, json } = await ask({ prompt: 'Triage', response_format: { schema: verdict, repair: 1 } });
      expect(response).toEqual({ severity: 'high', action: 'restart', reason: 'disk' });
      expect(json).toMatchObject({ ok: true });
    },
  },
  {
    title: 'a JSON object, with the word "json" supplied',
    rows: 'O3 O4',
    async test({ ask }) {
      expect(await ask({ prompt: 'Triage', response_format: 'json_object' })).toMatchObject({ response: { offline: true } });
    },
  },
  {
    title: 'a refusal, an empty and a cut answer are failures that say why',
    rows: 'T15 T17',
    rules: [
      { when: { prompt: 'bomb' }, refusal: 'No.' },
      { when: { prompt: 'nothing' }, text: '' },
      { when: { prompt: 'essay' }, incomplete: 'max_output_tokens', text: 'It was' },
    ],
    async test({ failure, wire, stream }) {
      const codes: string[] = [];
      for (const prompt of ['bomb', 'nothing', 'essay']) codes.push((await failure({ prompt, wire, stream })).code);
      expect(codes).toEqual(['refused', 'empty_output', 'incomplete']);
    },
  },
  {
    title: 'a model that fails is a failure with its words',
    rows: 'T17 T19 R8',
    rules: [{ failed: { code: 'server_error', message: 'Sorry, something went wrong.' } }],
    async test({ failure, wire, stream }) {
      const error = await failure({ prompt: 'Hi', wire, stream });
      expect(error).toMatchObject({ message: expect.stringContaining('Sorry, something went wrong.'), retryable: true });
      expect(['run_failed', 'server_error']).toContain(error.code);
    },
  },
  {
    title: 'tokens are counted',
    rows: 'R13',
    async test({ ask }) {
      const { usage } = await ask({ prompt: 'Hi' });
      expect(usage).toMatchObject({ prompt_tokens: expect.any(Number), cost_usd: null });
      expect(Number(usage.total_tokens)).toBeGreaterThan(1);
    },
  },
  {
    title: 'text as it is written, where it is streamed',
    rows: 'O8',
    rules: [{ text: 'one two three' }],
    async test({ ask, events, stream }) {
      await ask({ prompt: 'Count' });
      const deltas = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : []));
      expect(deltas.join('')).toBe(stream ? 'one two three' : '');
      expect(deltas.length > 1).toBe(stream);
    },
  },
  {
    title: 'an image by its address',
    rows: 'I5 I6 I7',
    async test({ ask, emulator }) {
      await ask({ prompt: 'See', images: [{ url: 'https://example.com/shot.png', detail: 'high' }] });
      expect(JSON.stringify(emulator.requests)).toContain('https://example.com/shot.png');
    },
  },
  {
    title: 'an image from a file',
    rows: 'I7',
    async test({ ask, emulator, wire }) {
      await ask({ prompt: 'See', images: [{ path: 'shot.png' }] });
      const sent = JSON.stringify(emulator.requests);
      expect(sent).toContain(wire === 'assistants' ? 'image_file' : PIXEL.toString('base64'));
    },
  },
  {
    title: 'an image that was uploaded',
    rows: 'I7',
    needs: 'images.file_id',
    async test({ ask, fileId }) {
      expect(await ask({ prompt: 'See', images: [{ file_id: await fileId('shot.png') }] })).toMatchObject({
        status: 'completed',
      });
    },
  },
  {
    title: 'a file that goes along',
    rows: 'I1',
    async test({ ask, emulator, wire }) {
      await ask({ prompt: 'Read', attachments: [{ path: 'notes.md' }] });
      const sent = JSON.stringify(emulator.requests);
      if (wire === 'chat') expect(sent).toContain('the disk is full');
      else expect(sent).toMatch(/file_data|file_id/);
    },
  },
  {
    title: 'a file that was uploaded',
    rows: 'I1 I3',
    async test({ ask, fileId }) {
      expect(await ask({ prompt: 'Read', attachments: [{ file_id: await fileId('notes.md') }] })).toMatchObject({
        status: 'completed',
      });
    },
  },
  {
    title: 'file search',
    rows: 'F22 I2 I11',
    needs: 'file_search',
    async test({ ask, storeId, emulator }) {
      await ask({ prompt: 'Find', tools: ['file_search'], vector_store_ids: [await storeId()] });
      expect(JSON.stringify(emulator.requests.at(-1) ?? {}) + JSON.stringify(emulator.requests)).toContain('"file_search"');
    },
  },
  {
    title: 'code interpreter',
    rows: 'F23',
    needs: 'code_interpreter',
    async test({ ask }) {
      expect(await ask({ prompt: 'Compute', tools: ['code_interpreter'] })).toMatchObject({ status: 'completed' });
    },
  },
  {
    title: 'web search',
    rows: 'F24',
    needs: 'web_search',
    async test({ ask }) {
      expect(await ask({ prompt: 'Search', tools: ['web_search'] })).toMatchObject({ status: 'completed' });
    },
  },
  {
    title: 'in the background',
    rows: 'T15',
    needs: 'background',
    rules: [{ text: 'Done.' }],
    async test({ ask }) {
      expect(await ask({ prompt: 'Hi', background: true })).toMatchObject({ text: 'Done.' });
    },
  },
  {
    title: 'without being stored',
    rows: 'T14',
    needs: 'store',
    async test({ ask }) {
      expect(await ask({ prompt: 'Hi', store: false })).toMatchObject({ thread_id: null });
    },
  },
  {
    title: 'further fields of the request',
    rows: 'O7 T14',
    async test({ ask, emulator, wire }) {
      const extra: JsonObject = wire === 'assistants' ? { metadata: { team: 'sre' } } : { service_tier: 'flex' };
      await ask({ prompt: 'Hi', extra });
      expect(JSON.stringify(emulator.requests)).toContain(wire === 'assistants' ? '"team":"sre"' : '"service_tier":"flex"');
    },
  },
  {
    title: 'the next way is tried, and all ways share the thread',
    rows: 'R1 T24',
    rules: [
      { when: { prompt: 'Break', path: '/chat/completions' }, text: 'From the other way.' },
      { when: { prompt: 'Break' }, error: { status: 500 } },
      { when: { turn: 2 }, text: 'I know both.' },
    ],
    async test({ ask, wire }) {
      const { thread_id: threadId } = await ask({ prompt: 'Begin' });
      if (wire === 'chat') return;
      const second = await ask({ prompt: 'Break', thread_id: String(threadId), fallback: ['chat'] });
      expect(second).toMatchObject({ text: 'From the other way.', wire: 'chat', fallbacks: [{ wire }], thread_id: threadId });
      expect(await ask({ prompt: 'Both?', thread_id: String(threadId) })).toMatchObject({ text: 'I know both.', wire });
    },
  },
];

const ASKS = /^\/(responses|chat\/completions|threads\/\w+\/runs)$/;
export const FILES = { 'shot.png': PIXEL, 'notes.md': new TextEncoder().encode('the disk is full') };
