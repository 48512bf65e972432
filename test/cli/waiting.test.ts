import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { answerApproval, pendingQuestions, sendSignal } from '../../src/history/answer-approval.ts';
import { openRunStore } from '../../src/journal/sqlite.ts';
import type { RunReport } from '../../src/plan/event.ts';
import { type CliResult, cli, type Files, folderWith } from '../support/cli.ts';

/** Runs that wait leave their process, and go on in another one: each `cli` here is a process of its own. */

const workflow = (steps: string, more = '') => `workflow:\n  id: ask\n${more}  steps:\n${steps.replace(/^(?=.)/gm, '    ')}\n`;
const approval = (name: string, given: string, more = '') =>
  `- { name: ${name}, ${more}provider: { type: approval, with: ${given} } }\n`;
const say = (name: string, text: string) => `- { name: ${name}, provider: { type: mock, with: { output: "${text}" } } }\n`;

class Parked {
  readonly folder: string;

  constructor(files: Files) {
    this.folder = folderWith(files);
  }

  async run(...args: string[]): Promise<{ code: number | null; report: RunReport; stderr: string }> {
    const { code, stdout, stderr }: CliResult = await cli(['run', 'w.yml', '--run-id', 'r', '--format', 'json', ...args], {
      folder: this.folder,
    });
    return { code, stderr, report: JSON.parse(stdout) };
  }

  /** What another process would do with the store. */
  withStore<Result>(work: (store: ReturnType<typeof openRunStore>) => Result): Result {
    const store = openRunStore(join(this.folder, '.threadline/runs.db'));
    try {
      return work(store);
    } finally {
      store.close();
    }
  }

  answer(answer: Parameters<typeof answerApproval>[2]): void {
    this.withStore((store) => answerApproval(store, 'r', answer));
  }

  asked(): string[] {
    return this.withStore((store) => pendingQuestions(store, 'r').map(({ name }) => name));
  }
}

const statuses = ({ steps }: RunReport) => Object.fromEntries(Object.entries(steps).map(([name, { status }]) => [name, status]));

describe('a run that asks a person', () => {
  const files = {
    'w.yml': workflow(
      `${say('before', 'x')}${approval('ask', '{ message: "Restart {{ alert.host }}?", details: { load: 9 }, approvers: [ada, grace] }')}${say('after', 'by {{ steps.ask.results.by }}')}`,
    ),
    'alert.json': '{"name":"a","host":"db1"}',
  };

  test('parks with exit code 4, and goes on with the answer in another process', async () => {
    const parked = new Parked(files);
    const first = await parked.run('--alert', 'alert.json');
    expect(first.code).toBe(4);
    expect(first.report).toMatchObject({
      run: { status: 'waiting' },
      steps: { before: { status: 'succeeded' } },
      waits: [
        {
          step: 'ask',
          signal: 'ask',
          until: null,
          question: { message: 'Restart db1?', details: { load: 9 }, approvers: ['ada', 'grace'] },
        },
      ],
    });
    expect(parked.withStore((store) => store.list({ status: 'waiting' }))).toMatchObject([{ id: 'r', waitsFor: ['ask'] }]);
    expect((await parked.run()).code).toBe(4);
    parked.answer({ approved: true, by: 'ada', comment: 'go' });
    const last = await parked.run();
    expect(last.code).toBe(0);
    expect(last.report).not.toHaveProperty('waits');
    expect(last.report.steps.ask?.results).toMatchObject({ approved: true, by: 'ada', comment: 'go' });
    expect(last.report.steps.after?.results).toBe('by ada');
  });

  test('fails when the answer is no, and says whose and why', async () => {
    const parked = new Parked(files);
    await parked.run('--alert', 'alert.json');
    parked.answer({ approved: false, by: 'grace', comment: 'too risky' });
    const { code, report } = await parked.run();
    expect(code).toBe(1);
    expect(report.steps.ask?.error).toMatchObject({ code: 'rejected', message: 'grace rejected it: too risky.' });
    expect(report.steps.after?.status).toBe('skipped');
  });

  test('goes on with a no where the workflow asks for that', async () => {
    const parked = new Parked({
      'w.yml': workflow(
        `${approval('ask', '{ message: "Sure?", on_reject: continue }')}${say('after', '{{ steps.ask.results.approved }}')}`,
      ),
    });
    await parked.run();
    parked.answer({ approved: false });
    const { code, report } = await parked.run();
    expect([code, report.steps.after?.results]).toEqual([0, false]);
  });

  test('takes no answer from somebody else, none twice, and none when it has ended', async () => {
    const parked = new Parked(files);
    await parked.run('--alert', 'alert.json');
    expect(() => parked.answer({ approved: true, by: 'mallory' })).toThrow('mallory may not answer `ask`');
    expect(() => parked.answer({ approved: true })).toThrow('Somebody without a name may not answer');
    expect(() => parked.withStore((store) => sendSignal(store, 'r', { name: 'ask', data: { approved: true } }))).toThrow(
      '`ask` is a question',
    );
    parked.answer({ approved: true, by: 'ada' });
    expect(() => parked.answer({ approved: false, by: 'grace' })).toThrow('has its answer: approved by ada');
    expect((await parked.run()).code).toBe(0);
    expect(() => parked.answer({ approved: true, by: 'ada' })).toThrow('asks for no answer');
    expect(() => parked.withStore((store) => answerApproval(store, 'nobody', { approved: true }))).toThrow('There is no run');
  });

  test('keeps secrets in a question hidden', async () => {
    const parked = new Parked({ 'w.yml': workflow(approval('ask', '{ message: "Use {{ secrets.TOKEN }}?" }')) });
    const { code, stdout, stderr } = await cli(['run', 'w.yml', '--run-id', 'r'], {
      folder: parked.folder,
      env: { TOKEN: 'token-4711' },
    });
    expect(code).toBe(4);
    expect(stdout + stderr).not.toContain('4711');
    expect(parked.withStore((store) => pendingQuestions(store, 'r'))).toMatchObject([{ question: { message: 'Use ***?' } }]);
  });
});

describe('several questions of one run', () => {
  test('in branches: the others finish first, then each is answered by its name', async () => {
    const parked = new Parked({
      'w.yml': workflow(
        `- name: fan\n  parallel:\n    - { name: slow, provider: { type: mock, with: { delay: 300ms, output: done } } }\n    ${approval('one', '{ message: "One?" }')}    ${approval('two', '{ message: "Two?" }')}`,
      ),
    });
    const first = await parked.run();
    expect([first.code, statuses(first.report)]).toEqual([4, { 'fan/slow': 'succeeded' }]);
    expect(() => parked.answer({ approved: true })).toThrow(
      /waits for several answers:\n {2}fan\/one {2}One\?\n {2}fan\/two {2}Two\?/,
    );
    expect(() => parked.answer({ approved: true, step: 'three' })).toThrow('does not ask `three`');
    parked.answer({ approved: true, step: 'fan/two' });
    const second = await parked.run();
    expect([second.code, statuses(second.report)]).toEqual([4, { 'fan/slow': 'succeeded', 'fan/two': 'succeeded' }]);
    parked.answer({ approved: true });
    expect((await parked.run()).code).toBe(0);
  });

  test('of items: each item asks for itself, and goes on by itself', async () => {
    const parked = new Parked({
      'w.yml': workflow(
        `- name: hosts\n  foreach: [a, b, c]\n  concurrency: 3\n  steps:\n    ${approval('ask', '{ message: "Restart {{ foreach.value }}?" }')}    ${say('restart', 'restarted {{ foreach.value }}')}${approval('each', '{ message: "{{ foreach.value }}?" }', 'foreach: [x, y], ')}`,
      ),
    });
    expect((await parked.run()).code).toBe(4);
    expect(parked.asked()).toEqual(['hosts[0]/ask', 'hosts[1]/ask', 'hosts[2]/ask']);
    parked.answer({ approved: true, step: 'hosts[1]/ask' });
    const second = await parked.run();
    expect(statuses(second.report)).toMatchObject({ 'hosts[1]/restart': 'succeeded' });
    expect(parked.asked()).toEqual(['hosts[0]/ask', 'hosts[2]/ask']);
    for (const step of parked.asked()) parked.answer({ approved: true, step });
    expect((await parked.run()).code).toBe(4);
    expect(parked.asked()).toEqual(['each[0]']);
    parked.answer({ approved: true });
    expect((await parked.run()).report.waits).toMatchObject([{ step: 'each', item: 1, signal: 'each[1]' }]);
    parked.answer({ approved: true });
    expect((await parked.run()).code).toBe(0);
  });

  test('in a called workflow', async () => {
    const parked = new Parked({
      'w.yml': workflow('- { name: call, provider: { type: workflow, with: { file: inner.yml } } }'),
      'inner.yml': `${workflow(approval('ask', '{ message: "Inside?" }')).replace('id: ask', 'id: inner')}  outputs: { by: "{{ steps.ask.results.by }}" }\n`,
    });
    const { report } = await parked.run();
    expect(report.waits).toMatchObject([{ step: 'call/ask', signal: 'call/ask' }]);
    expect(parked.asked()).toEqual(['call/ask']);
    parked.answer({ approved: true, by: 'ada' });
    const last = await parked.run();
    expect([last.code, last.report.steps.call?.results]).toEqual([0, { by: 'ada' }]);
  });

  test('of tries: an answer is for one of them', async () => {
    const parked = new Parked({
      'w.yml': workflow(
        approval('ask', '{ message: "Sure?" }', 'retry: { attempts: 2, delay: 0, backoff: fixed, on: [rejected] }, '),
      ),
    });
    await parked.run();
    parked.answer({ approved: false });
    expect((await parked.run()).code).toBe(4);
    expect(parked.asked()).toEqual(['ask.try-2']);
    parked.answer({ approved: true, step: 'ask' });
    expect((await parked.run()).code).toBe(0);
  });
});

describe('waiting', () => {
  const wait = (given: string, more = '') => `- { name: hold, ${more}provider: { type: wait, with: ${given} } }\n`;
  const after = say('after', '{{ steps.hold.results.signal }} {{ steps.hold.results.timed_out }}');

  test('for a signal: goes on with what was sent', async () => {
    const parked = new Parked({ 'w.yml': workflow(`${wait('{ signal: deploy-done, timeout: 1h }')}${after}`) });
    const first = await parked.run();
    expect(first.code).toBe(4);
    expect(parked.withStore((store) => store.get('r'))).toMatchObject({ status: 'waiting', waitsFor: ['deploy-done'] });
    parked.withStore((store) => sendSignal(store, 'r', { name: 'deploy-done', data: { build: 7 } }));
    const last = await parked.run();
    expect(last.code).toBe(0);
    expect(last.report.steps.hold?.results).toMatchObject({ signal: { build: 7 }, timed_out: false });
  });

  test('for a signal that was sent before', async () => {
    const parked = new Parked({
      'w.yml': workflow(`${approval('ask', '{ message: "Sure?" }')}${wait('{ signal: early }')}`),
    });
    await parked.run();
    parked.withStore((store) => sendSignal(store, 'r', { name: 'early', data: 1 }));
    parked.answer({ approved: true });
    const { code, report } = await parked.run();
    expect([code, report.steps.hold?.results]).toEqual([0, expect.objectContaining({ signal: 1 })]);
  });

  test('until a time: the run is put aside, and says when it goes on; that time stays when the run is tried before', async () => {
    const parked = new Parked({ 'w.yml': workflow(wait('{ for: 2h }')) });
    const first = await parked.run();
    expect(first.code).toBe(4);
    const wakeAt = () => parked.withStore((store) => store.get('r'))?.wakeAtMs;
    const planned = wakeAt();
    expect(new Date(planned ?? 0).toISOString()).toBe(first.report.waits?.[0]?.until);
    expect((await parked.run()).code).toBe(4);
    expect(wakeAt()).toBe(planned);
  });

  test('goes on at once in a run whose time has come while no process ran', async () => {
    const parked = new Parked({ 'w.yml': workflow(wait('{ for: 2h }')) });
    await parked.run();
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const database = new DatabaseSync(join(parked.folder, '.threadline/runs.db'));
    const past = Date.now() - 1000;
    database.exec(
      `UPDATE entries SET data = json_set(data, '$.untilMs', ${past}) WHERE json_extract(data, '$.untilMs') IS NOT NULL`,
    );
    database.close();
    const { code, report } = await parked.run();
    expect([code, report.steps.hold?.status]).toEqual([0, 'succeeded']);
  });

  test('for less than a minute happens in the process', async () => {
    const parked = new Parked({
      'w.yml': workflow(
        `${wait('{ for: 200ms }')}${wait('{ signal: s, timeout: 200ms, on_timeout: continue }').replace('hold', 'late')}`,
      ),
    });
    const { code, report } = await parked.run();
    expect(code).toBe(0);
    expect(report.steps.hold?.results).toEqual({ waited_ms: 200, signal: null, timed_out: false });
    expect(report.steps.late?.results).toEqual({ waited_ms: 200, signal: null, timed_out: true });
  });

  test('a step that sends no wait away is not cut short by it', async () => {
    const parked = new Parked({
      'w.yml': workflow(
        `- name: fan\n  parallel:\n    - { name: gone, provider: { type: wait, with: { for: 2h } } }\n    - name: chain\n      steps:\n        - { name: a, provider: { type: mock, with: { delay: 200ms, output: a } } }\n        - { name: b, provider: { type: mock, with: { delay: 200ms, output: b } } }\n`,
      ),
    });
    const { code, report } = await parked.run();
    expect([code, statuses(report)]).toEqual([
      4,
      { 'fan/chain': 'succeeded', 'fan/chain/a': 'succeeded', 'fan/chain/b': 'succeeded' },
    ]);
  });

  test('is no part of a step’s timeout, nor of that of a group around it', async () => {
    const parked = new Parked({
      'w.yml': workflow(
        `- name: fan\n  timeout: 2s\n  parallel:\n    ${approval('ask', '{ message: "Sure?" }', 'timeout: 1s, ')}    - { name: slow, timeout: 5s, provider: { type: mock, with: { delay: 2500ms, output: done } } }\n`,
      ),
    });
    const { code, report } = await parked.run();
    expect([code, statuses(report), parked.asked()]).toEqual([4, { 'fan/slow': 'succeeded' }, ['fan/ask']]);
  });

  test('a waiting run that is cancelled asks nobody any more', async () => {
    const parked = new Parked({ 'w.yml': workflow(approval('ask', '{ message: "Sure?" }')) });
    await parked.run();
    parked.withStore((store) => store.cancel('r', Date.now()));
    expect(parked.asked()).toEqual([]);
    expect(() => parked.answer({ approved: true })).toThrow('asks for no answer');
  });
});

describe('without anybody to ask', () => {
  const files = {
    'w.yml': workflow(
      `${approval('ask', '{ message: "Sure?", timeout: 1d }')}${approval('more', '{ message: "Really?" }')}- { name: hold, provider: { type: wait, with: { for: 2h } } }\n- { name: act, if: "{{ steps.ask.results.approved }}", provider: { type: http, with: { url: "https://example.com" } } }\n`,
    ),
    'yes.yaml':
      'stubs:\n  steps:\n    ask: { results: { approved: true, by: ada } }\n    act: { results: { body: ok } }\n  types:\n    approval: { results: { approved: true } }\n    wait: { results: { timed_out: false } }\n',
    'people.yaml':
      'stubs:\n  questions:\n    - results: { approved: true, by: ada }\n    - results: { approved: false, by: grace, comment: "not {{ params.message }}" }\n',
    'half.yaml': 'stubs:\n  steps:\n    ask: { results: { approved: true, by: ada } }\n',
  };

  test('a dry run makes the answers up, and waits for nothing', async () => {
    const { code, report } = await new Parked(files).run('--dry-run');
    expect(code).toBe(0);
    expect(report.calls?.every(({ stubbed }) => stubbed)).toBe(true);
  });

  test('stubs answer', async () => {
    const { code, report } = await new Parked(files).run('--stubs', 'yes.yaml');
    expect([code, report.steps.ask?.results, report.steps.act?.results]).toEqual([
      0,
      { approved: true, by: 'ada' },
      { body: 'ok' },
    ]);
  });

  test('stubs answer for people, and the step makes of it what it does', async () => {
    const { code, report } = await new Parked(files).run('--stubs', 'people.yaml');
    expect([code, report.steps.ask?.results]).toEqual([1, { approved: true, by: 'ada', comment: null, at: null }]);
    expect(report.steps.more?.error).toMatchObject({ code: 'rejected', message: 'grace rejected it: not Really?.' });
  });

  test('a question without a stub ends a stubbed run as waiting, and leaves nothing behind', async () => {
    const parked = new Parked(files);
    const { code, report } = await parked.run('--stubs', 'half.yaml');
    expect([code, report.waits]).toMatchObject([4, [{ step: 'more', question: { message: 'Really?' } }]]);
    expect(parked.withStore((store) => store.list({}))).toEqual([]);
  });
});
