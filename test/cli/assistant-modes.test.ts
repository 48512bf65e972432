import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/shared/json/json.ts';
import { type CheckedEmulator, startCheckedEmulator } from '../support/checked-emulator.ts';
import { startCli } from '../support/cli.ts';

/** What people set who come from the Assistants API: nothing but the environment decides how an assistant is asked. */

let emulator: CheckedEmulator;
beforeAll(async () => {
  emulator = await startCheckedEmulator({ rules: [{ when: { turn: 1 }, text: 'Second.' }, { text: 'First.' }] });
});
afterAll(async () => {
  expect(emulator.violations).toEqual([]);
  await emulator.close();
});

const workflow = (rest: string) => `workflow:
  id: triage
  inputs: [{ name: text, type: string, default: Why? }]
  steps:
    - name: ask
      provider:
        type: openaiassistant
        with: { prompt: "{{ inputs.text }}", ${rest} }
`;
const FILES = {
  'ask.yml': workflow('model: gpt-6-luna'),
  'go-on.yml': workflow('model: gpt-6-luna, thread: { key: chat-1 }'),
  'named.yml': workflow('assistant: asst_none, wire: assistants'),
  'bare.yml': workflow('stream: false'),
};

async function run(file: string, env: Record<string, string>, folder?: string) {
  const before = emulator.requests.length;
  const home = { OPENAI_API_KEY: 'sk-test-mode', OPENAI_BASE_URL: emulator.url };
  const options = { env: { ...home, ...env }, ...(folder === undefined ? { files: FILES } : { folder }) };
  const { code, stdout, stderr, folder: used } = await startCli(['run', file, '--format', 'json'], options).ended;
  const results = code === 0 ? (JSON.parse(stdout).steps.ask.results as JsonObject) : {};
  const requests = emulator.requests.slice(before);
  return { code, stdout, stderr, folder: used, results, requests, paths: requests.map(({ path }) => path) };
}

describe('R3: OPENAI_API_MODE', () => {
  test.each([
    ['chat', '/chat/completions'],
    ['responses', '/responses'],
    ['assistants', '/assistants'],
  ])('%s', async (mode, path) => {
    const { results, paths } = await run('ask.yml', { OPENAI_API_MODE: mode });
    expect(results).toMatchObject({ wire: mode, text: 'First.' });
    expect(paths.some((asked) => asked.startsWith(path))).toBe(true);
  });

  test('chat where nobody says, at a server that is not OpenAI', async () => {
    expect((await run('ask.yml', {})).results).toMatchObject({ wire: 'chat' });
  });

  test('a mode that there is not is named', async () => {
    const { code, stderr } = await run('ask.yml', { OPENAI_API_MODE: 'asistants' });
    expect(code).toBe(3);
    expect(stderr).toMatch(/must be .*`assistants`[\s\S]*It comes from OPENAI_API_MODE/);
  });
});

test('R2: USE_ASSISTANTS_API=false switches to chat, whatever the mode', async () => {
  const { results } = await run('ask.yml', { USE_ASSISTANTS_API: 'false', OPENAI_API_MODE: 'assistants' });
  expect(results).toMatchObject({ wire: 'chat' });
});

test('R4 R7: going over to chat and back keeps the conversation: context comes from our own store', async () => {
  const first = await run('go-on.yml', { OPENAI_API_MODE: 'assistants' });
  const second = await run('go-on.yml', { OPENAI_API_MODE: 'chat' }, first.folder);
  expect(second.results).toMatchObject({ text: 'Second.', wire: 'chat', thread_id: String(first.results.thread_id) });
  const third = await run('go-on.yml', { OPENAI_API_MODE: 'responses' }, first.folder);
  expect((third.results.messages as JsonObject[]).map(({ role }) => role)).toEqual(Array(3).fill(['user', 'assistant']).flat());
});

test('R5: MAX_CONVERSATION_HISTORY limits what is shown', async () => {
  const env = { OPENAI_API_MODE: 'chat', MAX_CONVERSATION_HISTORY: '1' };
  const { folder } = await run('go-on.yml', env);
  const { requests } = await run('go-on.yml', env, folder);
  expect((requests[0] as { body: JsonObject }).body.messages).toHaveLength(1);
});

test('R6: AI_SYSTEM_PROMPT is who the assistant is, in steps that do not say', async () => {
  const { requests } = await run('ask.yml', { OPENAI_API_MODE: 'chat', AI_SYSTEM_PROMPT: 'You are SRE.' });
  expect((requests[0] as { body: JsonObject }).body.messages).toMatchObject([
    { role: 'system', content: 'You are SRE.' },
    { role: 'user' },
  ]);
});

describe('A3 A4 A7: the default assistant', () => {
  test.each(['OPENAI_ASSISTANT_ID', 'ASSISTANT_ID'])('comes from %s', async (variable) => {
    const made = await fetch(`${emulator.url}/assistants`, {
      method: 'POST',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json', 'openai-beta': 'assistants=v2' },
      body: JSON.stringify({ model: 'gpt-6-luna', name: 'SRE' }),
    });
    const { id } = (await made.json()) as { id: string };
    const { results, requests } = await run('bare.yml', { OPENAI_API_MODE: 'assistants', [variable]: id });
    expect(results).toMatchObject({ text: 'First.' });
    expect(requests.find(({ path }) => path.endsWith('/runs'))?.body).toMatchObject({ assistant_id: id });
  });

  test('missing, it is asked for by name', async () => {
    const { code, stderr } = await run('bare.yml', { OPENAI_API_MODE: 'assistants' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('OPENAI_ASSISTANT_ID')]);
  });

  test('a wrong beginning of its id is named', async () => {
    const { code, stderr } = await run('bare.yml', { OPENAI_API_MODE: 'assistants', OPENAI_ASSISTANT_ID: 'thread_123' });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/assistant_id[\s\S]*\^asst_.*It comes from OPENAI_ASSISTANT_ID/);
  });

  test('A2: one that does not exist fails before anything is said', async () => {
    const { code, stdout, paths } = await run('named.yml', {});
    expect([code, stdout]).toEqual([1, expect.stringContaining('There is no assistant `asst_none`')]);
    expect(paths.some((path) => path.endsWith('/messages'))).toBe(false);
  });
});

test('A15: the key is nowhere in what a run says', async () => {
  const { stdout, stderr } = await run('ask.yml', { OPENAI_API_MODE: 'chat' });
  expect(stdout + stderr).not.toContain('sk-test-mode');
});
