import { beforeAll, describe, expect, test } from '@jest/globals';
import { cli, folderWith } from '../support/cli.ts';
import { beginRun, shown, withStore } from '../support/history.ts';

const TRIAGE = `workflow:
  id: triage
  inputs: [{ name: hosts, type: list }]
  steps:
    - name: ask
      provider:
        type: openaiassistant
        with:
          model: gpt-6-luna
          prompt: "What of {{ alert.name }}?"
          tools:
            - function: recent_deploys
              description: What was deployed.
              parameters: { type: object, properties: { service: { type: string } } }
              provider: { type: mock, with: { output: [{ version: v241 }] } }
    - name: each
      foreach: "{{ inputs.hosts }}"
      on-error: continue
      steps:
        - name: ping
          provider: { type: mock, with: { output: "{{ foreach.value }} is up {{ secrets.TOKEN }}" } }
        - name: check
          if: "foreach.index == 1"
          provider: { type: mock, with: { error: { message: "host is down" } } }
    - name: other
      provider: { type: workflow, with: { file: called.yml } }
    - name: flaky
      continue-on-error: true
      retry: { attempts: 2, delay: 1ms }
      provider: { type: mock, with: { error: { message: "no luck", code: server_error } } }
  outputs: { version: "{{ steps.other.results.said }}" }
`;
const FILES = {
  'triage.yml': TRIAGE,
  'called.yml':
    'workflow:\n  id: called\n  steps:\n    - name: says\n      provider: { type: mock, with: { output: hello } }\n  outputs: { said: "{{ steps.says.results }}" }\n',
  'alert.json': '{ "name": "disk\\u001b[31m full" }',
  'triage.rules.yml':
    'rules:\n  - when: { tool_output: v241 }\n    text: It was v241.\n  - when: { prompt: What of }\n    tool_calls:\n      - { name: recent_deploys, arguments: { service: checkout } }\n',
};
const env = { TOKEN: 'sesame-open', NO_COLOR: '1' };
const folder = folderWith(FILES);

beforeAll(async () => {
  const args = ['run', 'triage.yml', '--alert', 'alert.json', '-i', 'hosts=["a","b"]', '--offline', '--run-id', 'run_triage'];
  const { code, stderr } = await cli(args, { folder, env });
  expect([code, stderr]).toEqual([0, expect.stringContaining('succeeded')]);
});

describe('T25: runs show', () => {
  test('as a document: the report of the run, and what it was made of', async () => {
    const run = await shown(folder, 'run_tri');
    expect(run).toMatchObject({
      run: { id: 'run_triage', workflow: 'triage', file: 'triage.yml', status: 'succeeded', offline: true },
      outputs: { version: 'hello' },
      error: null,
      request: { inputs: { hosts: '["a","b"]' }, alert: { name: 'disk\u001b[31m full' } },
      rerun_of: null,
      waits_for: [],
      wake_at: null,
      under_way: {},
    });
    expect(Object.keys(run.steps)).toEqual([
      'ask',
      'each',
      'each[0]/ping',
      'each[0]/check',
      'each[1]/ping',
      'each[1]/check',
      'other',
      'other/says',
      'flaky',
    ]);
    expect(run.steps.ask).toMatchObject({
      provider: 'openaiassistant',
      inputs: { prompt: 'What of disk\u001b[31m full?' },
      tool_calls: [{ tool: 'recent_deploys', arguments: { service: 'checkout' }, output: [{ version: 'v241' }], error: null }],
      usage: { total_tokens: run.usage.total_tokens, cost_usd: null },
    });
    expect(run.steps.each.items).toMatchObject([{ status: 'succeeded' }, { status: 'failed', duration_ms: expect.any(Number) }]);
    expect(run.steps.flaky).toMatchObject({
      status: 'failed',
      tolerated: true,
      attempts: 2,
      attempts_failed: [{ attempt: 1, error: { code: 'server_error', message: 'no luck' } }],
    });
  });

  test('is what `run --format json` printed, but for what it adds', async () => {
    const { stdout } = await cli(['run', 'called.yml', '--format', 'json', '--run-id', 'run_called'], { folder, env });
    const report = JSON.parse(stdout);
    const {
      request: _,
      rerun_of: __,
      waits_for: ___,
      wake_at: ____,
      under_way: _____,
      ...run
    } = await shown(folder, 'run_called');
    const { started_at: _started, duration_ms: _took, ...known } = report.run;
    expect(run).toMatchObject({ ...report, run: known });
    expect(Object.keys(run)).toEqual(Object.keys(report));
  });

  test('as a tree: steps within steps, calls, attempts, values; nothing steers the terminal, no secret is told', async () => {
    const { code, stdout, stderr } = await cli(['runs', 'show', 'run_triage'], { folder, env });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.replace(/\d+(\.\d+)?(ms|s)/g, 'TIME').replace(/[\d,]+ tokens/g, 'N tokens')).toContain(
      `✓ ask  openaiassistant  TIME  N tokens  cost unknown`,
    );
    expect(stdout).toContain('  → recent_deploys({"service":"checkout"})');
    expect(stdout).toContain('  ← [{"version":"v241"}]');
    expect(stdout).toMatch(/^ {2}✗ \[1\].*\n {4}✓ ping {2}mock.*\n {6}with: .*\n {6}results: "b is up \*\*\*"\n {4}✗ check/m);
    expect(stdout).toMatch(/^✓ other {2}workflow.*\n(?: {2}.*\n)* {2}✓ says {2}mock/m);
    expect(stdout).toContain('! flaky  mock  failed, allowed  2 attempts');
    expect(stdout).toContain('↻ attempt 1 failed');
    expect(stdout).toContain('alert: {"name":"disk\\u001b[31m full",');
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('sesame-open');
  });

  test('a single step with complete values', async () => {
    const { stdout } = await cli(['runs', 'show', 'run_triage', '--step', 'ask'], { folder, env });
    expect(stdout).toMatch(/→ recent_deploys.*\n {4}arguments:\n {6}service: checkout\n {4}output:\n {6}- version: v241\n/);
    expect(stdout).toContain('  with:\n    model: gpt-6-luna\n    prompt: What of disk␛[31m full?');
    const inner = await cli(['runs', 'show', 'run_triage', '--step', 'each[1]/check'], { folder, env });
    expect(inner.stdout).toMatch(/^✗ each\[1\]\/check {2}mock.*\n {2}with:\n[\s\S]*\n {2}step_failed: host is down/);
    expect(await shown(folder, 'run_triage', '--step', 'other/says')).toMatchObject({ results: 'hello', provider: 'mock' });
    const unknown = await cli(['runs', 'show', 'run_triage', '--step', 'aks'], { folder, env });
    expect(unknown).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Did you mean `ask`?') });
  });

  test('as events: those that its reporters heard', async () => {
    const { stdout } = await cli(['runs', 'show', 'run_triage', '--format', 'jsonl'], { folder, env });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([events[0].type, events.at(-1).type]).toEqual(['run-started', 'run-ended']);
    expect(events.filter(({ type }) => type === 'tool-ended')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'step-ended')).toHaveLength(9);
  });

  test('without an id it is the latest; the beginning of an id is enough, unless several begin so', async () => {
    await cli(['run', 'called.yml', '--run-id', 'run_trial'], { folder, env });
    expect((await shown(folder)).run.id).toBe('run_trial');
    expect((await shown(folder, 'run_triag')).run.id).toBe('run_triage');
    const { code, stdout, stderr } = await cli(['runs', 'show', 'run_tri'], { folder });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Several runs begin with `run_tri`');
    expect(stderr).toMatch(/run_trial {2}succeeded {2}called\n {2}run_triage {2}succeeded {2}triage/);
  });

  test('an id that is the beginning of another is still an id', async () => {
    await cli(['run', 'called.yml', '--run-id', 'run_tri'], { folder, env });
    expect((await shown(folder, 'run_tri')).run.id).toBe('run_tri');
  });

  test('what is not there is said', async () => {
    expect(await cli(['runs', 'show', 'nope'], { folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no run `nope`'),
    });
    expect(await cli(['runs', 'show'])).toMatchObject({ code: 2, stderr: expect.stringContaining('There are no runs yet') });
  });
});

describe('a run that has not ended', () => {
  test('shows what was under way, what it waits for, and how it goes on', async () => {
    await withStore(folder, async (store) => {
      const held = beginRun(store, 'wait_1');
      held.note({ kind: 'step-started', path: 'approve', atMs: Date.now(), data: 'gate' });
      const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost_usd: 0 };
      held.suspend({ names: ['approve'], wakeAtMs: Date.parse('2100-01-01T12:00:00Z'), usage });
    });
    const { stdout } = await cli(['runs', 'show', 'wait'], { folder, env: { ...env, TZ: 'UTC' } });
    expect(stdout).toContain('waiting  started just now');
    expect(stdout).toContain('‖ approve  gate  waiting');
    expect(stdout).toContain('‖ waits for approve until 2100-01-01 12:00');
    expect(stdout).toContain('threadline runs resume wait_1');
    expect(await shown(folder, 'wait')).toMatchObject({
      run: { status: 'waiting' },
      steps: {},
      under_way: { approve: { provider: 'gate', tool_calls: [] } },
      waits_for: ['approve'],
      wake_at: '2100-01-01T12:00:00.000Z',
    });
  });

  test('whose process died is interrupted, with all that was kept', async () => {
    await withStore(folder, async (store) => {
      const held = beginRun(store, 'dead_1');
      held.note({ kind: 'step-started', path: 'a', atMs: Date.now(), data: 'mock' });
      const data = { status: 'succeeded', results: { value: 7 }, attempts: 1, durationMs: 3, tolerated: false };
      held.note({ kind: 'step-ended', path: 'a', atMs: Date.now(), data });
      await held.append({ kind: 'step-started', path: 'b', atMs: Date.now(), data: 'mock' });
    });
    expect(await shown(folder, 'dead')).toMatchObject({
      run: { status: 'interrupted' },
      steps: { a: { status: 'succeeded', results: 7 } },
      under_way: { b: { provider: 'mock' } },
    });
    const { stdout } = await cli(['runs', 'show', 'dead'], { folder, env });
    expect(stdout).toContain('✗ b  mock  interrupted');
    expect(stdout).toContain('threadline runs resume dead_1');
  });
});
