import { describe, expect, test } from '@jest/globals';
import { type Rule, startEmulator } from '../../src/emulator/index.ts';
import type { Finding } from '../../src/provider/contract.ts';
import { type CliOptions, cli, startCli } from '../support/cli.ts';

const KEY = 'sk-doctor-0123456789-secret';

/** A workflow with these parameters of its one assistant. */
const workflow = (params: string, more = '') => `workflow:
  id: triage
${more}  steps:
    - name: triage
      provider:
        type: openaiassistant
        with: { prompt: x, ${params} }
`;
const FUNCTION = '{ function: look, parameters: { type: object }, provider: { type: mock } }';

/** Runs `doctor` against an emulator with these rules, as a server of OpenAI's. */
async function doctor(args: string[], rules: Rule[] = [], options: CliOptions = {}) {
  const emulator = await startEmulator({ rules });
  try {
    const env = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: emulator.url, OPENAI_API_MODE: 'responses', ...options.env };
    const result = await cli(['doctor', ...args], { ...options, env });
    expect(result.stdout + result.stderr).not.toContain(KEY);
    return { ...result, requests: emulator.requests };
  } finally {
    await emulator.close();
  }
}

/** The same, with the findings as data. */
async function findings(args: string[], rules: Rule[] = [], options: CliOptions = {}) {
  const result = await doctor([...args, '--format', 'json'], rules, options);
  const all = JSON.parse(result.stdout) as Finding[];
  const of = (check: string) => all.find((finding) => finding.check === check);
  return { ...result, all, of };
}

describe('the configuration alone', () => {
  test('A8 R14: all is well', async () => {
    const { code, stdout, stderr } = await doctor(['--model', 'gpt-6-luna']);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n').map((line) => line.split(/\s+/).slice(0, 2).join(' '));
    expect(lines).toEqual(['✓ endpoint', '✓ key', '✓ wire', '✓ model', '✓ hello', '✓ quota', '']);
  });

  test('R14: the model comes from providers.yaml', async () => {
    const files = { 'providers.yaml': 'openaiassistant: { authentication: { model: gpt-6-sol } }\n' };
    const { of } = await findings([], [], { files, env: { THREADLINE_PROVIDERS_FILE: 'providers.yaml' } });
    expect(of('model')?.message).toContain('gpt-6-sol');
  });

  test('R14: without a model the rest is checked, and what is missing is said', async () => {
    const { code, of } = await findings([]);
    expect([code, of('key')?.status]).toEqual([0, 'ok']);
    expect(of('hello')).toMatchObject({ status: 'skipped', hint: expect.stringContaining('--model') });
  });

  test('R14: --no-hello asks no model', async () => {
    const { code, requests, of } = await findings(['--model', 'm', '--no-hello']);
    expect([code, of('hello')?.status]).toEqual([0, 'skipped']);
    const bodies = requests.filter(({ method }) => method === 'POST').map(({ body }) => body);
    expect(bodies).toEqual([{}]);
  });

  test('A8: --offline needs neither key nor server, and says what answers', async () => {
    const { code, stderr } = await cli(['doctor', '--offline', '--model', 'm']);
    expect(code).toBe(0);
    expect(stderr).toContain('the emulator, not from a model');
  });

  test('A8: the key comes from --env-file', async () => {
    const { code, stdout } = await cli(['doctor', '--env-file', 'my.env'], { files: { 'my.env': 'OPENAI_API_KEY=sk-...\n' } });
    expect(code).toBe(3);
    expect(stdout).toContain('The key is a placeholder.');
  });
});

describe('what is wrong decides the exit code', () => {
  test('A8: 3 for a missing key', async () => {
    const { code, stdout } = await cli(['doctor']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/✗ key .*no API key.*\n.*OPENAI_API_KEY/);
  });

  test('A8: 3 for a key that is refused', async () => {
    const rules = [
      { when: { path: '/models' }, error: { status: 401, message: `Incorrect API key: ${KEY}`, code: 'invalid_api_key' } },
    ];
    const { code, of } = await findings(['--model', 'm'], rules);
    expect([code, of('key')?.code, of('hello')?.status]).toEqual([3, 'authentication_failed', 'skipped']);
    expect(of('key')?.message).toContain('***');
  });

  test('A4: 3 for an id of the wrong form, with the variable that it comes from', async () => {
    const { code, of } = await findings([], [], { env: { OPENAI_ASSISTANT_ID: 'assistant_1' } });
    expect(code).toBe(3);
    expect(of('config')).toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('`assistant_1`'),
      hint: expect.stringMatching(/asst_.*OPENAI_ASSISTANT_ID/),
    });
  });

  test('A16: 1 for an account without credit', async () => {
    const rules = [{ error: { status: 429, code: 'insufficient_quota', message: 'You exceeded your current quota.' } }];
    const { code, stdout } = await doctor(['--model', 'm'], rules);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ quota .*exceeded your current quota.*\n.*no quota or credit left/);
  });

  test('R9: 1 for too many requests', async () => {
    const rules = [
      { error: { status: 429, code: 'rate_limit_exceeded', message: 'Slow down.', headers: { 'retry-after': 60 } } },
    ];
    const { code, of } = await findings(['--model', 'm'], rules);
    expect([code, of('quota')?.code]).toEqual([1, 'rate_limit']);
  });

  test('A11: 1 for a model that is not there', async () => {
    const rules = [{ when: { path: '/models/*' }, error: { status: 404, code: 'model_not_found', message: 'No such model.' } }];
    const { code, of } = await findings(['--model', 'emulated-modle'], rules);
    expect([code, of('model')?.hint]).toEqual([1, 'Did you mean `emulated-model`?']);
  });

  test('130 for Ctrl-C, which ends the question at the server', async () => {
    const emulator = await startEmulator({ rules: [{ text: 'Hi', latency_ms: 600_000 }] });
    try {
      const run = startCli(['doctor', '--model', 'm'], { env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: emulator.url } });
      await run.says('✓ model');
      run.kill('SIGINT');
      expect(await run.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('cancelled') });
    } finally {
      await emulator.close();
    }
  });

  test('2 for a wrong command line, 3 for a provider that is not there', async () => {
    expect(await cli(['doctor', '--provider', 'mock'])).toMatchObject({ code: 2, stdout: '' });
    const { code, stderr } = await cli(['doctor', '--provider', 'openaiasistant']);
    expect(code).toBe(3);
    expect(stderr).toContain('Did you mean `openaiassistant`?');
  });
});

describe('a workflow', () => {
  test('A8: its mistakes come first, and nobody is asked', async () => {
    const files = { 'triage.yml': workflow('promt: y') };
    const { code, stdout, stderr, requests } = await doctor(['triage.yml'], [], { files });
    expect([code, requests]).toEqual([2, []]);
    expect(stdout).toMatch(/^✗ workflow +triage.yml has 1 mistake/);
    expect(stderr).toContain('triage.yml:7:');
  });

  test('A8: names its steps, with templates that need no run computed', async () => {
    const inputs = '  inputs: [{ name: model, type: string, default: gpt-6-luna }]\n';
    const files = { 'triage.yml': workflow('model: "{{ inputs.model }}"', inputs) };
    const { code, stdout } = await doctor(['triage.yml'], [], { files });
    expect(code).toBe(0);
    expect(stdout).toMatch(/✓ model .*`gpt-6-luna`.* {2}\(triage\)/);
  });

  test('R8: the function behind "Sorry, something went wrong" is found', async () => {
    const files = { 'triage.yml': workflow(`model: m, tools: [${FUNCTION}]`) };
    const rules: Rule[] = [{ when: { tool: 'look' }, failed: { code: 'server_error', message: 'Sorry, something went wrong.' } }];
    const { code, stdout } = await doctor(['triage.yml'], rules, { files });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ hello .*Sorry, something went wrong\..*\n.*Without `look` it works/);
  });

  test('F26: json_object beside functions is a warning, which fails nothing', async () => {
    const files = { 'triage.yml': workflow(`model: m, response_format: json_object, tools: [${FUNCTION}]`) };
    const { code, of } = await findings(['triage.yml'], [], { files });
    expect([code, of('format')]).toMatchObject([0, { status: 'warning', steps: ['triage'] }]);
  });

  test('A10: what the wire cannot do', async () => {
    const files = { 'triage.yml': workflow('model: m, tools: [web_search]') };
    const { code, all } = await findings(['triage.yml'], [], { files });
    expect(code).toBe(1);
    expect(all).toContainEqual(expect.objectContaining({ check: 'tools', code: 'unsupported' }));
  });

  test('A8: secrets that are not set, and those that are never shown', async () => {
    const providers =
      '  providers: { other: { type: openaiassistant, authentication: { api_key: "{{ secrets.OTHER_KEY }}" } } }\n';
    const text = workflow('model: m', providers).replace('        with', '        config: "{{ providers.other }}"\n        with');
    const files = { 'triage.yml': text };
    const missing = await findings(['triage.yml'], [], { files });
    expect([missing.code, missing.of('secrets')?.hint]).toEqual([3, 'Set the environment variable OTHER_KEY.']);
    const secret = 'zz-other-secret-987654';
    const rules = [{ when: { path: '/models' }, error: { status: 401, message: `Wrong key ${secret}` } }];
    const refused = await doctor(['triage.yml'], rules, { files, env: { OTHER_KEY: secret } });
    expect(refused.stdout).toContain('Wrong key ***');
  });

  test('A8: one that calls no such provider needs no key', async () => {
    const files = { 'a.yml': 'workflow: { id: a, steps: [{ name: a, provider: { type: mock } }] }\n' };
    const { code, stderr } = await cli(['doctor', 'a.yml'], { files });
    expect([code, stderr]).toEqual([0, 'No step calls a provider that can be checked.\n']);
  });
});
