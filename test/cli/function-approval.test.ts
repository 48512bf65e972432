import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { answerApproval, pendingQuestions } from '../../src/history/answer-approval.ts';
import { openRunStore } from '../../src/journal/sqlite.ts';
import { type CheckedEmulator, startCheckedEmulator } from '../support/checked-emulator.ts';
import { cli, folderWith } from '../support/cli.ts';

/** Leaves a line for each call. */
const PROVIDER = `import { appendFileSync } from 'node:fs';
export default {
  description: 'Leaves a line.',
  config: { type: 'object', properties: {}, additionalProperties: false },
  params: { type: 'object', additionalProperties: true },
  async run({ says }) { appendFileSync('lines', says + '\\n'); return says + ' is done'; },
};
`;

const workflow = (approval: string) => `workflow:
  id: triage
  steps:
    - name: triage
      timeout: 1m
      provider:
        type: openaiassistant
        with:
          model: gpt-6-luna
          prompt: Check it.
          thread: { key: db-1 }
          tools:
            - function: restart
              parameters: { type: object, properties: { host: { type: string } }, required: [host] }
              approval: ${approval}
              provider: { type: line, with: { says: "restart {{ args.host }}" } }
            - { function: look, provider: { type: line, with: { says: look } } }
`;

const WIRES = ['responses', 'chat', 'assistants'];

class Asking {
  readonly folder: string;
  private readonly env: Record<string, string>;

  constructor(emulator: CheckedEmulator, wire: string, approval: string) {
    this.folder = folderWith({
      'threadline.config.yaml': 'providers: [own]\n',
      'own/line/index.mjs': PROVIDER,
      'triage.yml': workflow(approval),
    });
    this.env = { OPENAI_API_KEY: 'sk-test-approval', OPENAI_BASE_URL: emulator.url, OPENAI_API_MODE: wire };
  }

  async run(...args: string[]) {
    const ended = await cli(['run', 'triage.yml', '--run-id', 'r', '--format', 'json', ...args], {
      folder: this.folder,
      env: this.env,
    });
    return { ...ended, report: JSON.parse(ended.stdout) };
  }

  store<Result>(work: (store: ReturnType<typeof openRunStore>) => Result): Result {
    const store = openRunStore(join(this.folder, '.threadline/runs.db'));
    try {
      return work(store);
    } finally {
      store.close();
    }
  }

  lines(): string[] {
    const file = join(this.folder, 'lines');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }
}

const RULES = [
  { when: { tool_output: 'restart db2 is done' }, text: 'Restarted.' },
  { when: { tool_output: '/refused|a person has to/' }, text: 'Then not.' },
  {
    tool_calls: [
      { name: 'restart', arguments: { host: 'db1' } },
      { name: 'restart', arguments: { host: 'db2' } },
      { name: 'look', arguments: {} },
    ],
    times: 1,
  },
];

test.each(WIRES)(
  '%s: a call waits for a person without a process; what needs nobody is done first; no call is asked for twice',
  async (wire) => {
    const emulator = await startCheckedEmulator({ rules: RULES });
    try {
      const asking = new Asking(emulator, wire, '{ message: "Restart?", approvers: [ada] }');
      const first = await asking.run();
      expect([first.code, asking.lines()]).toEqual([4, ['look']]);
      const questions = asking.store((store) => pendingQuestions(store, 'r'));
      expect(questions.map(({ question }) => question)).toEqual([
        { message: 'Restart?', approvers: ['ada'], details: { host: 'db1' } },
        { message: 'Restart?', approvers: ['ada'], details: { host: 'db2' } },
      ]);
      const [one = '', two = ''] = questions.map(({ name }) => name);
      expect(one).toMatch(/^triage\/restart-\d+\.0-[0-9a-f]{8}$/);
      expect(() => asking.store((store) => answerApproval(store, 'r', { approved: true, by: 'ada', step: 'triage' }))).toThrow(
        'several',
      );
      asking.store((store) => answerApproval(store, 'r', { approved: false, by: 'ada', comment: 'too risky', step: one }));
      expect((await asking.run()).code).toBe(4);
      asking.store((store) => answerApproval(store, 'r', { approved: true, by: 'ada', step: two }));
      const last = await asking.run();
      expect({ code: last.code, stderr: last.stderr }).toEqual({ code: 0, stderr: '' });
      expect(last.report.steps.triage.results.response).toBe('Restarted.');
      expect(last.report.steps.triage.results.tool_calls).toMatchObject([
        { name: 'restart', error: 'The call was not made: a person has to allow it. ada rejected it: too risky.' },
        { name: 'restart', output: 'restart db2 is done', error: null },
        { name: 'look', output: 'look is done' },
      ]);
      expect(asking.lines()).toEqual(['look', 'restart db2']);
      expect(emulator.violations).toEqual([]);
    } finally {
      await emulator.close();
    }
  },
);

test('an answer that does not come in time is a no, held in the process', async () => {
  const emulator = await startCheckedEmulator({ rules: RULES });
  try {
    const { code, report } = await new Asking(emulator, 'responses', '{ timeout: 200ms }').run();
    expect([code, report.steps.triage.results.response]).toEqual([0, 'Then not.']);
    expect(report.steps.triage.results.tool_calls[0].error).toContain('Nobody has allowed it in time.');
  } finally {
    await emulator.close();
  }
});

test('stubs answer for people', async () => {
  const emulator = await startCheckedEmulator({ rules: RULES });
  try {
    const asking = new Asking(emulator, 'responses', 'true');
    writeFileSync(
      join(asking.folder, 's.yaml'),
      'stubs:\n  steps:\n    triage/restart: { results: "restart db2 is done" }\n    triage/look: { results: seen }\n  questions: { results: { approved: true, by: ada } }\n',
    );
    const { code, report } = await asking.run('--stubs', 's.yaml');
    expect([code, report.steps.triage.results.response]).toEqual([0, 'Restarted.']);
    expect(asking.lines()).toEqual([]);
  } finally {
    await emulator.close();
  }
});
