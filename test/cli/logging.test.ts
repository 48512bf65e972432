import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/shared/json/json.ts';
import { type CliOptions, cli, startCli } from '../support/cli.ts';
import { freePorts } from '../support/restate-server.ts';

/** H7, H8: what is a log and not a result, from the command line as people start it. */

const step = (name: string, more: string) => `    - { name: ${name}, ${more} }\n`;
const flow = (...steps: string[]) => `workflow:\n  id: flow\n  steps:\n${steps.join('')}`;
const say = (name: string, message: string) =>
  step(name, `provider: { type: console, with: { message: ${JSON.stringify(message)} } }`);
const mock = (name: string, more = '') => step(name, `${more}provider: { type: mock, with: { output: 1 } }`);
const FAILS = step(
  'breaks',
  'provider: { type: mock, with: { error: { code: step_failed, message: out of order, retryable: true } } }',
);

const json = (text: string): JsonObject[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
const run = (text: string, env: Record<string, string> = {}, args: string[] = [], options: CliOptions = {}) =>
  cli(['run', 'flow.yml', '-q', ...args], { files: { 'flow.yml': text }, env, ...options });

/** The lines of a run's log, as JSON. */
async function logOf(text: string, env: Record<string, string> = {}, args: string[] = []): Promise<JsonObject[]> {
  const { folder } = await run(text, env, [...args, '--log-file', 'run.log']);
  return json(readFileSync(join(folder, 'run.log'), 'utf8'));
}

const messages = (lines: JsonObject[]) =>
  lines.map(({ level, message, step }) => [level, message, ...(step ? [step] : [])].join(' '));

describe('a log', () => {
  test('is not written where nobody asks for one', async () => {
    expect(await run(flow(mock('a')), { STREAM: 'nowhere' })).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  test('has a line for each thing that a run does, and each line has the run as its correlation id', async () => {
    const lines = await logOf(flow(mock('a'), say('b', 'hello')), {}, ['--run-id', 'case-7']);
    expect(messages(lines)).toEqual([
      'info run started',
      'info step ended a',
      'info hello b',
      'info step ended b',
      'info run ended',
    ]);
    expect(lines.map((line) => line.correlation_id)).toEqual(lines.map(() => 'case-7'));
    for (const { time } of lines) expect(new Date(String(time)).toISOString()).toBe(time);
    expect(lines[1]).toMatchObject({ event: 'step-ended', status: 'succeeded', attempts: 1, duration_ms: expect.any(Number) });
  });

  test('leaves the data of the workflow to the journal and the reports', async () => {
    const output = 'The cat is on the roof.';
    const data = step('a', `provider: { type: mock, with: { output: ${output} } }`);
    const { stderr } = await run(flow(data), { LOGGING_LEVEL: 'debug' });
    expect(stderr).toContain('step=a');
    expect(stderr).not.toContain('roof');
  });

  test('tells of failures with their code, and of attempts that are repeated', async () => {
    const lines = await logOf(flow(FAILS.replace(', provider', ', retry: { attempts: 2, delay: 10ms }, provider')));
    expect(messages(lines)).toEqual([
      'info run started',
      'warn attempt failed breaks',
      'error step ended breaks',
      'error run ended',
    ]);
    const error = { code: 'step_failed', message: 'out of order', hint: null };
    expect(lines[1]).toMatchObject({ attempt: 1, delay_ms: expect.any(Number), error });
    expect(lines[2]).toMatchObject({ status: 'failed', error });
  });

  test('has the steps of called workflows under the same correlation id', async () => {
    const files = {
      'flow.yml': flow(step('outer', 'provider: { type: workflow, with: { file: inner.yml } }')),
      'inner.yml': flow(mock('inner')).replace('id: flow', 'id: inner'),
    };
    const { stderr } = await cli(['run', 'flow.yml', '-q', '--run-id', 'root'], { files, env: { LOG_FORMAT: 'json' } });
    expect(messages(json(stderr))).toContain('info step ended outer/inner');
    expect(new Set(json(stderr).map((line) => line.correlation_id))).toEqual(new Set(['root']));
  });
});

describe('LOGGING_LEVEL', () => {
  const both = flow(mock('a'), FAILS.replace(', provider', ', continue-on-error: true, provider'));
  test.each([
    ['debug', ['info', 'debug', 'info', 'debug', 'warn', 'info']],
    ['INFO', ['info', 'info', 'warn', 'info']],
    ['WARNING', ['warn']],
    ['warn', ['warn']],
    ['Error', []],
    ['CRITICAL', []],
  ])('%s: lines of lesser levels are left out', async (level, expected) => {
    const { code, stderr } = await run(both, { LOGGING_LEVEL: level, LOG_FORMAT: 'json' });
    expect(code).toBe(0);
    expect(stderr === '' ? [] : json(stderr).map((line) => line.level)).toEqual(expected);
  });

  test.each([
    [{ LOGGING_LEVEL: 'debgu' }, '`LOGGING_LEVEL=debgu` is not valid', 'Did you mean `debug`?'],
    [{ LOGGING_LEVEL: '10' }, 'takes debug, info, warning', 'Unset LOGGING_LEVEL'],
    [{ LOG_FORMAT: 'jsn' }, '`LOG_FORMAT=jsn` is not valid', 'Did you mean `json`?'],
    [{ LOG_FORMAT: 'json', STREAM: 'stdin' }, '`STREAM=stdin` is not valid', 'STREAM takes stderr, stdout'],
  ])('a wrong value, %j, is bad usage, said before anything runs', async (env, message, hint) => {
    const { code, stdout, stderr } = await run(flow(say('a', 'ran')), env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('ran');
  });

  test('is not looked at by commands that log nothing', async () => {
    const files = { 'flow.yml': flow(mock('a')) };
    expect((await cli(['validate', 'flow.yml'], { files, env: { LOGGING_LEVEL: 'nonsense' } })).code).toBe(0);
  });

  test('is read from .env, too', async () => {
    const { stderr } = await cli(['run', 'flow.yml', '-q'], {
      files: { 'flow.yml': flow(mock('a')), '.env': 'LOGGING_LEVEL=info' },
    });
    expect(stderr).toContain('message="run ended"');
  });
});

describe('LOG_FORMAT', () => {
  test('keyvalue, which is the default: quotes what is not one word, and keeps every line a line', async () => {
    const { stderr } = await run(flow(say('a', 'two words, "quoted" = \u001b[2J\nlevel=error ##[error]x')), {
      LOGGING_LEVEL: 'info',
    });
    const line = stderr.split('\n').find((one) => one.includes('two words')) ?? '';
    expect(line).toMatch(/^time=\d{4}-\d\d-\d\dT[\d:.]+Z level=info message="two words, /);
    expect(line).toContain(String.raw`\"quoted\" = \u001b[2J\nlevel=error ##\u005b`);
    expect(line).toMatch(/ correlation_id=run_\w+ step=a event=log$/);
    expect(
      stderr
        .trim()
        .split('\n')
        .every((one) => one.startsWith('time=')),
    ).toBe(true);
  });

  test('json: one object a line, whatever is said', async () => {
    const lines = await logOf(flow(say('a', 'two\nlines \u009b31m')));
    expect(messages(lines)).toContain('info two\nlines \u009b31m a');
  });
});

describe('STREAM', () => {
  test('stderr is the default: stdout carries the result only', async () => {
    const { stdout, stderr } = await run(flow(mock('a')), { LOG_FORMAT: 'json' }, ['--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ run: { status: 'succeeded' } });
    expect(json(stderr)).toHaveLength(3);
  });

  test('stdout takes the log where it is wanted there', async () => {
    const { stdout, stderr } = await run(flow(mock('a')), { LOG_FORMAT: 'json', STREAM: 'stdout' });
    expect(messages(json(stdout))).toEqual(['info run started', 'info step ended a', 'info run ended']);
    expect(stderr).toBe('');
  });
});

describe('--log-file', () => {
  const file = { 'flow.yml': flow(mock('a')) };

  test('is appended to, as JSON lines, and takes the place of the stream', async () => {
    const first = await cli(['run', 'flow.yml', '-q', '--run-id', 'one', '--log-file', 'logs/run.log'], { files: file });
    expect(first).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const options = { folder: first.folder, env: { LOGGING_LEVEL: 'debug', STREAM: 'stdout' } };
    await cli(['run', 'flow.yml', '-q', '--run-id', 'two', '--log-file', 'logs/run.log'], options);
    const lines = json(readFileSync(join(first.folder, 'logs/run.log'), 'utf8'));
    expect(lines.map((line) => line.correlation_id)).toEqual(['one', 'one', 'one', 'two', 'two', 'two', 'two']);
  });

  test('is written in the format that LOG_FORMAT names', async () => {
    const { folder } = await run(flow(mock('a')), { LOG_FORMAT: 'keyvalue' }, ['--log-file', 'run.log']);
    expect(readFileSync(join(folder, 'run.log'), 'utf8')).toMatch(/^time=\S+ level=info message="run started"/);
  });

  test('that cannot be opened is bad usage', async () => {
    const { code, stderr } = await run(flow(say('a', 'ran')), {}, ['--log-file', '.']);
    expect(code).toBe(2);
    expect(stderr).toContain('No log can be written to `.`: EISDIR');
    expect(stderr).not.toContain('ran');
  });

  (existsSync('/dev/full') ? test : test.skip)('on a full disk is given up with a word, and the run is not', async () => {
    const { code, stderr } = await run(flow(mock('a'), mock('b')), {}, ['--log-file', '/dev/full']);
    expect([code, stderr]).toEqual([
      0,
      'warning: The log cannot be written to `/dev/full` any more: ENOSPC: no space left on device, write.\n',
    ]);
  });

  test('has what was said before the process was killed', async () => {
    const waits = step('b', 'provider: { type: mock, with: { output: 1, delay: 60s } }');
    const running = startCli(['run', 'flow.yml', '--log-file', 'run.log'], { files: { 'flow.yml': flow(mock('a'), waits) } });
    await running.says('▸ b');
    running.kill('SIGKILL');
    const { folder } = await running.ended;
    expect(messages(json(readFileSync(join(folder, 'run.log'), 'utf8')))).toEqual(['info run started', 'info step ended a']);
  });

  test('takes the rest of a run that goes on, and nothing of what was logged before', async () => {
    const waits = flow(mock('a'), step('b', 'provider: { type: wait, with: { signal: go } }'));
    const first = await run(waits, {}, ['--run-id', 'later', '--log-file', 'run.log']);
    expect(first.code).toBe(4);
    appendFileSync(join(first.folder, 'run.log'), '{"message":"resumed"}\n');
    await cli(['runs', 'signal', 'later', 'go'], { folder: first.folder });
    const { code } = await cli(['runs', 'resume', 'later', '-q', '--log-file', 'run.log'], { folder: first.folder });
    expect(code).toBe(0);
    const said = messages(json(readFileSync(join(first.folder, 'run.log'), 'utf8')));
    expect(said.slice(said.indexOf(' resumed') + 1).filter((line) => line.includes('step ended'))).toEqual(['info step ended b']);
  });
});

describe('secrets', () => {
  const SECRET = 'hunter2-hunter2';

  test('of the workflow, of configurations and of the environment are masked in every line', async () => {
    const { folder, stderr } = await run(
      flow(say('a', `{{ secrets.TOKEN }} and ${SECRET}-env`)),
      { TOKEN: SECRET, SOME_API_KEY: `${SECRET}-env`, LOGGING_LEVEL: 'debug' },
      ['--log-file', 'run.log'],
    );
    expect(stderr).not.toContain('hunter2');
    const lines = json(readFileSync(join(folder, 'run.log'), 'utf8'));
    expect(messages(lines)).toContain('info *** and ***-env a');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });
});

describe("a provider's own lines", () => {
  const OWN = `import { defineProvider, Type } from 'threadline/provider';
    export default defineProvider({
      description: 'Says something to whoever operates the process.',
      config: Type.Object({ password: Type.Optional(Type.String()) }, { additionalProperties: false }),
      params: Type.Object({ levels: Type.Array(Type.String()) }, { additionalProperties: false }),
      async run({ levels }, { log, config }) {
        for (const level of levels) log[level]('said with ' + config.password, { level: 'fake', time: 1, password: config.password, count: 2 });
        log.child({ part: 'tail' }).info('done');
        return null;
      },
    });`;
  const files = {
    'flow.yml': flow(
      step('a', 'provider: { type: own, config: "{{ providers.mine }}", with: { levels: [error, warn, info, debug] } }'),
    ),
    'providers/own/index.ts': OWN,
    'threadline.config.yaml': 'providers: [providers]\n',
    'providers.yaml': 'mine: { authentication: { password: correct-horse } }\n',
  };

  test('have the run and the step, keep what makes a line, and hide its configuration', async () => {
    const { code, stderr } = await cli(['run', 'flow.yml', '-q'], { files, env: { LOGGING_LEVEL: 'debug', LOG_FORMAT: 'json' } });
    expect(code).toBe(0);
    const own = json(stderr).filter((line) => line.event === undefined);
    expect(own.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'error said with ***',
      'warn said with ***',
      'info said with ***',
      'debug said with ***',
      'info done',
    ]);
    const origin = { correlation_id: expect.stringMatching(/^run_/), step: 'a', provider: 'own' };
    expect(own[0]).toMatchObject({ ...origin, password: '***', count: 2, time: expect.stringMatching(/Z$/) });
    expect(own.at(-1)).toMatchObject({ ...origin, part: 'tail' });
    expect(stderr).not.toContain('correct-horse');
  });

  test('are no events: a run without a log says nothing of them', async () => {
    const { stdout, stderr } = await cli(['run', 'flow.yml', '--format', 'jsonl'], { files });
    expect(stdout + stderr).not.toContain('said with');
  });
});

describe('requests to a model', () => {
  const ASK = flow(step('a', 'provider: { type: openaiassistant, with: { model: m, prompt: hi } }'));

  test('are logged at debug, with the id that the server knows them by', async () => {
    const lines = await logOf(ASK, { LOGGING_LEVEL: 'debug' }, ['--offline', '--run-id', 'ask-1']);
    expect(lines.find((line) => line.path === '/v1/responses')).toMatchObject({
      level: 'debug',
      message: 'POST /v1/responses: the API answered 200',
      correlation_id: 'ask-1',
      step: 'a',
      method: 'POST',
      status: 200,
      request_id: expect.stringMatching(/^req_/),
      duration_ms: expect.any(Number),
    });
  });

  test('of a check-up, too', async () => {
    const files = { 'flow.yml': ASK };
    const { folder } = await cli(['doctor', 'flow.yml', '--offline', '--log-file', 'doctor.log'], {
      files,
      env: { LOGGING_LEVEL: 'debug' },
    });
    const lines = json(readFileSync(join(folder, 'doctor.log'), 'utf8'));
    expect(lines.map(({ message, correlation_id }) => `${correlation_id} ${message}`)).toContain(
      'doctor POST /v1/responses: the API answered 200',
    );
  });
});

test('a Restate server that is waited for is a warning, under the id of the run', async () => {
  const files = { 'flow.yml': flow(mock('a')), 'threadline.config.yaml': 'engine: { ingress: "http://127.0.0.1:9" }\n' };
  const args = ['run', 'flow.yml', '-q', '--engine', 'restate', '--run-id', 'far'];
  const running = startCli(args, { files, env: { LOG_FORMAT: 'json' } });
  await running.says('cannot be reached: trying again');
  running.kill('SIGINT');
  const { stderr } = await running.ended;
  const message = 'the Restate server at http://127.0.0.1:9 cannot be reached: trying again';
  const lines = json(
    stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .join('\n'),
  );
  expect(lines).toEqual([{ time: expect.any(String), level: 'warn', message, correlation_id: 'far' }]);
  expect(stderr.split(message)).toHaveLength(2);
});

describe('the emulator', () => {
  test('logs each request under the id that its answer carries', async () => {
    const [port] = await freePorts(1);
    const emulator = startCli(['emulator', '--port', String(port)], { env: { LOG_FORMAT: 'json' } });
    await emulator.says(`http://127.0.0.1:${port}/v1\n`);
    const found: string[] = [];
    for (const path of ['/models', '/nowhere?key=1']) {
      const answer = await fetch(`http://127.0.0.1:${port}/v1${path}`, { headers: { authorization: 'Bearer x' } });
      found.push(answer.headers.get('x-request-id') ?? '');
      await answer.arrayBuffer();
    }
    emulator.kill('SIGTERM');
    const { stderr, code } = await emulator.ended;
    expect(code).toBe(0);
    const lines = json(
      stderr
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .join('\n'),
    );
    expect(lines.map(({ message, status, correlation_id }) => ({ message, status, correlation_id }))).toEqual([
      { message: 'GET /v1/models 200', status: 200, correlation_id: found[0] },
      { message: 'GET /v1/nowhere?key=1 404', status: 404, correlation_id: found[1] },
    ]);
  });
});
