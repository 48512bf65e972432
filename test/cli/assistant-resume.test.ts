import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Rule } from '../../src/emulator/index.ts';
import { openRunStore } from '../../src/journal/sqlite.ts';
import type { Json, JsonObject } from '../../src/shared/json/json.ts';
import { type CheckedEmulator, startCheckedEmulator } from '../support/checked-emulator.ts';
import { folderWith, type RunningCli, startCli } from '../support/cli.ts';

/** Leaves a line for each time that it is called. What is called `hang` never answers while there is no file `go`. */
const PROVIDER = `import { appendFileSync, existsSync } from 'node:fs';
export default {
  description: 'Leaves a line.',
  config: { type: 'object', properties: {}, additionalProperties: false },
  params: { type: 'object', additionalProperties: true },
  async run({ says }, { idempotencyKey, emit }) {
    appendFileSync('lines', says + ' ' + idempotencyKey + '\\n');
    emit({ type: 'progress', message: 'line ' + says });
    if (says === 'hang' && !existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 600_000));
    return says + ' is done';
  },
};
`;

/** Waits for a person. */
const PERSON = `export default {
  description: 'Asks a person.',
  config: { type: 'object', properties: {}, additionalProperties: false },
  params: { type: 'object', additionalProperties: true },
  orchestrates: true,
  run: (params, { runtime: { waitForSignal } }) => waitForSignal({ name: 'answer' }),
};
`;

const LOOK = `workflow:
  id: look
  inputs: [{ name: host, type: string, required: true }]
  steps:
    - { name: line, provider: { type: line, with: { says: "{{ inputs.host }}" } } }
  outputs: { text: "{{ steps.line.results }}" }
`;

const workflow = (more: string) => `workflow:
  id: triage
  steps:
    - name: ask
      provider:
        type: openaiassistant
        with:
          model: gpt-6-luna
          prompt: Check it.
          tools:
            - { function: page, provider: { type: line, with: { says: page } } }
            - { function: hang, provider: { type: line, with: { says: hang } } }
            - { function: ask_person, provider: { type: person } }
            - { workflow: look.yml, description: Looks a host up }
${more}
`;

const WORDS = 'one two three four five six seven eight nine ten';
const slowly: Rule = { text: WORDS, chunk_latency_ms: 60 };
const calls = (...names: string[]): Rule => ({ tool_calls: names.map((name) => ({ name })), times: 1 });

interface Killed {
  emulator: CheckedEmulator;
  /** Starts a run, or goes on with it. */
  start(id: string): RunningCli;
  /** Sends the run something that it waits for. */
  send(name: string, data: Json): void;
  /** Kills the run as soon as it has said this. */
  killAt(text: string): Promise<void>;
  /** Goes on with the run to its end; answers with the results of its step. */
  goOn(): Promise<JsonObject>;
  /** Requests that a model has to answer, by path. */
  asked(): string[];
  /** How often each function was called. */
  lines(): string[];
}

async function withRun(rules: Rule[], wire: string, more: string, test: (killed: Killed) => Promise<void>): Promise<void> {
  const emulator = await startCheckedEmulator({ rules });
  const folder = folderWith({
    'threadline.config.yaml': 'providers: [own]\n',
    'own/line/index.mjs': PROVIDER,
    'own/person/index.mjs': PERSON,
    'look.yml': LOOK,
    'triage.yml': workflow(more.replace(/^(?=.)/gm, '          ')),
  });
  const env = { OPENAI_API_KEY: 'sk-test-resume', OPENAI_BASE_URL: emulator.url, OPENAI_API_MODE: wire };
  const start = (id: string) => startCli(['run', 'triage.yml', '--run-id', id, '--format', 'jsonl'], { folder, env });
  const send = (name: string, data: Json) => {
    const store = openRunStore(join(folder, '.threadline/runs.db'));
    store.send('run-1', name, data, Date.now());
    store.close();
  };
  const killAt = async (text: string) => {
    const run = start('run-1');
    await run.says(text);
    run.kill('SIGKILL');
    expect((await run.ended).signal).toBe('SIGKILL');
  };
  const goOn = async () => {
    writeFileSync(join(folder, 'go'), '');
    const { stdout, stderr, code } = await start('run-1').ended;
    expect({ code, stderr, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stderr: '', stdout: '' });
    return resultsIn(stdout);
  };
  const asked = () =>
    emulator.requests
      .filter(({ method, path }) => method === 'POST' && /responses$|completions$|\/runs$|submit_tool_outputs$/.test(path))
      .map(({ path }) => path.split('/').at(-1) ?? '');
  const file = join(folder, 'lines');
  const lines = () =>
    (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []).map((line) => line.split(' ')[0] ?? '');
  try {
    await test({ emulator, start, send, killAt, goOn, asked, lines });
    expect(emulator.violations).toEqual([]);
  } finally {
    await emulator.close();
  }
}

function resultsIn(stdout: string): JsonObject {
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
  return events.find(({ type, step }) => type === 'step-ended' && step === 'ask')?.results as JsonObject;
}

const textsOf = ({ messages }: JsonObject) => (messages as JsonObject[]).map(({ text }) => text);
const DELTA = '"type":"text-delta"';

describe.each([
  ['responses', 'responses', ['responses']],
  ['responses in the background', 'responses', ['responses']],
  ['assistants', 'assistants', ['runs']],
])('over %s', (name, wire, requests) => {
  const more = name === 'assistants' ? 'stream: true' : name === 'responses' ? '' : 'background: true';

  test('a step that was killed while the answer streamed has asked once', () =>
    withRun([slowly], wire, more, async ({ killAt, goOn, asked }) => {
      await killAt(DELTA);
      const results = await goOn();
      expect(results).toMatchObject({ text: WORDS, usage: { completion_tokens: expect.any(Number) } });
      expect(asked()).toEqual(requests);
      expect(textsOf(results)).toEqual(['Check it.', WORDS]);
    }));
});

describe.each([
  ['responses', '', ['responses', 'responses'], ['responses', 'responses']],
  ['assistants', 'stream: true', ['runs', 'submit_tool_outputs'], ['runs', 'submit_tool_outputs']],
  // Nothing can be known of an answer that was under way: it is asked for again.
  ['chat', '', ['completions', 'completions'], ['completions', 'completions', 'completions']],
])('over %s', (wire, more, requests, requestsOfSecondRound) => {
  test('a function that was finished is not called again, and one that was not is', () =>
    withRun([calls('page', 'hang'), { text: 'Done.' }], wire, more, async ({ killAt, goOn, asked, lines }) => {
      await killAt('"type":"tool-ended"');
      const results = await goOn();
      expect(results).toMatchObject({ text: 'Done.' });
      expect(results.tool_calls).toMatchObject([
        { name: 'page', output: 'page is done' },
        { name: 'hang', output: 'hang is done' },
      ]);
      expect(asked()).toEqual(requests);
      expect(lines().sort()).toEqual(['hang', 'hang', 'page']);
      expect(textsOf(results)).toEqual(['Check it.', 'Done.']);
    }));

  test('a step that was killed right after an answer does not ask for it again', () =>
    withRun([calls('hang'), { text: 'Done.' }], wire, more, async ({ killAt, goOn, asked, lines }) => {
      await killAt('line hang');
      expect(await goOn()).toMatchObject({ text: 'Done.' });
      expect(asked()).toEqual(requests);
      expect(lines()).toEqual(['hang', 'hang']);
    }));

  test('a step that was killed in the second round calls nothing again, and its thread goes on', () => {
    const again = wire === 'chat' ? [slowly] : [];
    const rules: Rule[] = [calls('page'), ...[slowly, ...again].map((rule) => ({ ...rule, times: 1 })), { text: 'Next.' }];
    return withRun(rules, wire, `${more}\nthread: { key: db-1 }`, async ({ emulator, killAt, start, goOn, asked, lines }) => {
      await killAt(DELTA);
      const results = await goOn();
      expect(results).toMatchObject({ text: WORDS });
      expect(asked()).toEqual(requestsOfSecondRound);
      expect(lines()).toEqual(['page']);
      expect(textsOf(results)).toEqual(['Check it.', WORDS]);
      const toChat = emulator.requests.filter(({ path }) => path.endsWith('completions'));
      expect(new Set(toChat.map(({ headers }) => headers['idempotency-key'])).size).toBe(wire === 'chat' ? 2 : 0);
      const next = resultsIn((await start('run-2').ended).stdout);
      expect(next.thread_id).toBe(results.thread_id);
      expect(textsOf(next)).toEqual(['Check it.', WORDS, 'Check it.', 'Next.']);
    });
  });
});

test('where the author wants no response in the background, an answer that streamed is asked for again, and stands there once', () =>
  withRun([slowly], 'responses', 'background: false', async ({ killAt, goOn, asked }) => {
    await killAt(DELTA);
    const results = await goOn();
    expect(asked()).toEqual(['responses', 'responses']);
    expect(textsOf(results)).toEqual(['Check it.', WORDS]);
  }));

test.each(['responses', 'assistants', 'chat'])(
  'over %s, a run leaves the process while a function waits for a person, and goes on',
  (wire) =>
    withRun(
      [calls('page', 'ask_person'), { text: 'Done.' }],
      wire,
      'thread: { key: db-1 }',
      async ({ start, send, goOn, asked, lines }) => {
        expect((await start('run-1').ended).code).toBe(4);
        send('answer', 'Yes.');
        const results = await goOn();
        expect(results).toMatchObject({ text: 'Done.', tool_calls: [{ output: 'page is done' }, { output: 'Yes.' }] });
        expect(asked()).toHaveLength(2);
        expect(lines()).toEqual(['page']);
        expect(textsOf(results)).toEqual(['Check it.', 'Done.']);
      },
    ),
);

test('workflows that are called side by side are two, and those that ended are not run again', () => {
  const look = (host: string) => ({ name: 'look', arguments: { host } });
  const rules: Rule[] = [{ tool_calls: [look('a'), look('b')], times: 1 }, calls('hang'), { text: 'Done.' }];
  return withRun(rules, 'responses', '', async ({ killAt, goOn, lines }) => {
    await killAt('line hang');
    const { tool_calls: made } = await goOn();
    expect(made).toMatchObject([
      { output: { text: 'a is done' } },
      { output: { text: 'b is done' } },
      { output: 'hang is done' },
    ]);
    expect(lines().sort()).toEqual(['a', 'b', 'hang', 'hang']);
  });
});
