import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, folderWith } from '../support/cli.ts';

/** Alerts from the command line: their formats, and what runs remember of them. */

const say = (message: string, rest = '') => `    - name: say
      ${rest}provider: { type: console, with: { message: "${message}" } }
`;
const workflow = (steps: string, top = '') => `workflow:\n  id: triage\n${top}  actions:\n${steps}`;
const alert = (fields: object) => JSON.stringify({ name: 'disk', fingerprint: 'f-1', severity: 'high', ...fields });
const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures/alerts', name), 'utf8');

const run = (folder: string, ...args: string[]) => cli(['run', 'w.yml', '--format', 'json', ...args], { folder });
const statusOf = (stdout: string) => JSON.parse(stdout).steps.say.status;

describe('--alert-format', () => {
  const files = {
    'w.yml': workflow(say('{{ alert.name }} {{ alert.severity }} {{ alert.status }} {{ alert.fingerprint }}')),
    'one.json': fixture('pagerduty-firing.json'),
    'many.json': fixture('alertmanager-firing.json'),
  };

  test.each(['auto', 'pagerduty'])('%s reads what a monitoring system sends', async (format) => {
    const { code, stdout } = await run(folderWith(files), '--alert', 'one.json', '--alert-format', format);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).steps.say.results).toMatch(/^\S.* (critical|high|warning|info|low) firing \S+$/);
  });

  test('a body of several alerts is refused, with what to do', async () => {
    const body = JSON.stringify([{ name: 'a' }, { name: 'b' }]);
    const { code, stderr } = await run(
      folderWith({ ...files, 'two.json': body }),
      '--alert',
      'two.json',
      '--alert-format',
      'auto',
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/holds 2 alerts, and a run is for one.*--alert-index/s);
  });

  test('--alert-index chooses one of several', async () => {
    const folder = folderWith({
      ...files,
      'two.json': JSON.stringify([{ name: 'a' }, { name: 'b', severity: 'low', status: 'firing' }]),
    });
    const args = ['--alert', 'two.json', '--alert-format', 'plain', '--alert-index'];
    const { code, stdout } = await run(folder, ...args, '1');
    expect([code, JSON.parse(stdout).steps.say.results.slice(0, 13)]).toEqual([0, 'b low firing ']);
    expect(await run(folder, ...args, '2')).toMatchObject({ code: 2, stderr: expect.stringContaining('none is number 2') });
  });

  test("a sender's notification that is taken as it is is remarked on", async () => {
    const folder = folderWith({ ...files, 'w.yml': workflow(say('{{ alert.fingerprint }}')) });
    const { code, stderr } = await run(folder, '--alert', 'many.json');
    expect([code, stderr]).toEqual([0, expect.stringContaining('many.json looks like alertmanager; it is taken as it is')]);
    expect((await run(folder, '--alert', 'many.json', '--alert-format', 'plain')).stderr).not.toContain('looks like');
  });

  test('a body of another format, and a format that does not exist, are refused by name', async () => {
    const folder = folderWith(files);
    const other = await run(folder, '--alert', 'one.json', '--alert-format', 'datadog');
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('not of the format `datadog`') });
    const typo = await run(folder, '--alert', 'one.json', '--alert-format', 'pagerdoty');
    expect(typo).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean `pagerduty`?') });
    const alone = await run(folder, '--alert-format', 'auto');
    expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining('needs `--alert`') });
  });

  test('without it an alert is taken as it is, with a fingerprint that stays the same', async () => {
    const text = workflow(say('{{ alert.alerts.0.labels.alertname }} {{ alert.fingerprint }}'));
    const folder = folderWith({ ...files, 'w.yml': text });
    const [first, second] = [await run(folder, '--alert', 'many.json'), await run(folder, '--alert', 'many.json')];
    expect(JSON.parse(first.stdout).steps.say.results).toMatch(/^\w+ \S{8,}$/);
    expect(JSON.parse(second.stdout).steps).toMatchObject({ say: { results: JSON.parse(first.stdout).steps.say.results } });
  });
});

describe('an alert that cannot be read wholly', () => {
  const body = JSON.stringify({
    receiver: 'x',
    alerts: [
      { status: 'flapping', labels: { alertname: 'A', Severity: 'purple' }, annotations: {}, startsAt: 'yesterday' },
      { status: 'firing', labels: { alertname: 'B', severity: 'odd' }, annotations: {} },
    ],
  });
  const text = workflow(
    say('{{ alert.severity }}', "if: alert.severity > 'warning'\n      "),
    "  triggers: [{ type: alert, cel: severity > 'warning' }]\n",
  );
  const files = { 'w.yml': text, 'body.json': body };
  const args = ['--alert', 'body.json', '--alert-format', 'auto', '--alert-index', '0'];

  test('a severity that is not known stays as it came, is warned of, and is ordered as high', async () => {
    const { stdout, stderr, folder } = await run(folderWith(files), ...args, '--log-file', 'run.log');
    expect(JSON.parse(stdout).steps.say.results).toBe('purple');
    expect(stderr).toMatch(/^warning: the severity "purple" of the alert is not known.*ordered as `high`/m);
    expect(stderr).not.toMatch(/no alert trigger|odd/);
    expect(readFileSync(join(folder, 'run.log'), 'utf8')).toMatch(/"level":"warn".*purple|purple.*"level":"warn"/);
  });

  test('match warns of it, and gives its order among the reasons', async () => {
    const { code, stdout, stderr } = await cli(['match', 'w.yml', ...args], { folder: folderWith(files) });
    expect([code, stdout]).toEqual([0, expect.stringContaining('severity is "purple" (not known: ordered as `high`)')]);
    expect(stderr).toMatch(/^warning: the severity "purple"/m);
  });

  test('the setting says how it is ordered instead', async () => {
    const folder = folderWith({ ...files, 'threadline.config.yaml': 'alerts: { unknown_severity: info }\n' });
    const { stdout, stderr } = await run(folder, ...args);
    expect([statusOf(stdout), stderr]).toEqual(['skipped', expect.stringContaining('ordered as `info`')]);
    expect(stderr).toContain('no alert trigger of the workflow matches');
    expect((await cli(['match', 'w.yml', ...args], { folder })).code).toBe(1);
    const odd = folderWith({ ...files, 'threadline.config.yaml': 'alerts: { unknown_severity: purple }\n' });
    expect(await run(odd, ...args)).toMatchObject({ code: 3, stderr: expect.stringContaining('threadline.config.yaml:1:') });
  });

  test('a status and a time that cannot be read are said, and what counts instead', async () => {
    const { stderr } = await run(folderWith(files), ...args);
    expect(stderr).toContain('warning: body.json: its status "flapping" is not known: it counts as `firing`');
    expect(stderr).toContain('the beginning that it states, "yesterday", is not a time: it is left out');
  });
});

describe('a notification without an alert starts nothing', () => {
  const files = {
    'w.yml': workflow(say('paged'), '  triggers: [{ type: alert }]\n'),
    'empty.json': '{"receiver": "x", "status": "resolved", "alerts": [], "version": "4"}',
  };
  const formats = [[], ['--alert-format', 'auto'], ['--alert-format', 'alertmanager'], ['--alert-format', 'grafana']];
  const commands = [
    ['run', 'w.yml'],
    ['match', 'w.yml'],
  ];
  const ways = commands.flatMap((command) =>
    formats.map((format) => [[...command, ...format].join(' '), command, format] as const),
  );

  test.each(ways)('%s, from a file and from standard input', async (_, command, format) => {
    const folder = folderWith(files);
    const stdin = files['empty.json'];
    for (const [from, given] of [
      ['empty.json', {}],
      ['-', { stdin }],
    ] as const) {
      const { code, stdout, stderr } = await cli([...command, '--alert', from, ...format], { folder, ...given });
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('The notification contains no alert')]);
    }
    expect(existsSync(join(folder, '.threadline'))).toBe(false);
  });
});

describe('what runs remember of alerts', () => {
  const firing = { 'alert.json': alert({ status: 'firing' }), 'resolved.json': alert({ status: 'resolved' }) };

  test('a throttled action runs once until the alert was resolved and fires again', async () => {
    const folder = folderWith({ ...firing, 'w.yml': workflow(say('paged', 'throttle: { type: one_until_resolved }\n      ')) });
    const statuses = [];
    for (const file of ['alert.json', 'alert.json', 'resolved.json', 'alert.json', 'alert.json'])
      statuses.push(statusOf((await run(folder, '--alert', file)).stdout));
    expect(statuses).toEqual(['succeeded', 'skipped', 'succeeded', 'succeeded', 'skipped']);
    expect(existsSync(join(folder, '.threadline/alerts.db'))).toBe(true);
  });

  test('by which firing it was, whatever the clocks of the senders say', async () => {
    const at = (hour: number, status: string) => alert({ status, lastReceived: `2026-11-20T${hour}:00:00Z` });
    const files = {
      '10.json': at(10, 'firing'),
      '11.json': at(11, 'resolved'),
      '12.json': at(12, 'firing'),
      '13.json': at(13, 'firing'),
    };
    const step = say('paged', "throttle: { type: one_until_resolved }\n      if: alert.status == 'firing'\n      ");
    const folder = folderWith({ ...files, 'w.yml': workflow(step) });
    const statuses = [];
    for (const hour of [10, 11, 12, 13]) statuses.push(statusOf((await run(folder, '--alert', `${hour}.json`)).stdout));
    expect(statuses).toEqual(['succeeded', 'skipped', 'succeeded', 'skipped']);
  });

  test('what is written on alerts stands in the document', async () => {
    const step = say('x').replace('" } }', '", enrich_alert: [{ key: dismissed, value: true }] } }');
    const folder = folderWith({ ...firing, 'w.yml': workflow(step) });
    const { stdout } = await run(folder, '--alert', 'alert.json');
    expect(JSON.parse(stdout).enrichments).toEqual([{ step: 'say', target: 'alert', id: 'f-1', fields: { dismissed: true } }]);
  });

  test('a first time is a first time once', async () => {
    const folder = folderWith({ ...firing, 'w.yml': workflow(say('new', 'if: keep.is_first_time(alert.fingerprint)\n      ')) });
    const first = await run(folder, '--alert', 'alert.json');
    const second = await run(folder, '--alert', 'alert.json');
    expect([statusOf(first.stdout), statusOf(second.stdout)]).toEqual(['succeeded', 'skipped']);
  });

  test('what was written on an alert is there in the next run, for a workflow that asks', async () => {
    const enrich = say('{{ default alert.ticket \\"none\\" }}').replace(
      '" } }',
      '", enrich_alert: [{ key: ticket, value: OPS-1 }, { key: seen, value: results, disposable: true }] } }',
    );
    const folder = folderWith({ ...firing, 'w.yml': workflow(enrich) });
    const messages = [];
    for (let count = 0; count < 2; count++)
      messages.push(JSON.parse((await run(folder, '--alert', 'alert.json')).stdout).steps.say.results);
    expect(messages).toEqual(['none', 'OPS-1']);
  });

  test('THREADLINE_HOME is where it is kept; stubs and dry runs leave it alone', async () => {
    const text = workflow(say('x', 'throttle: { type: one_until_resolved }\n      '));
    const folder = folderWith({ ...firing, 'w.yml': text });
    await run(folder, '--alert', 'alert.json', '--dry-run');
    expect(existsSync(join(folder, '.threadline'))).toBe(false);
    const env = { THREADLINE_HOME: join(folder, 'elsewhere') };
    await cli(['run', 'w.yml', '--alert', 'alert.json'], { folder, env });
    expect(existsSync(join(folder, 'elsewhere/alerts.db'))).toBe(true);
    expect(existsSync(join(folder, '.threadline'))).toBe(false);
  });

  test('a change of severity is told to the run, and asked by match', async () => {
    const top = '  triggers: [{ type: alert, severity_changed: true }]\n';
    const text = workflow(
      say('{{ default alert.severity_change \\"new\\" }} from {{ default alert.previous_severity \\"nothing\\" }}'),
      top,
    );
    const folder = folderWith({
      'w.yml': text,
      'low.json': alert({ severity: 'low' }),
      'high.json': alert({ severity: 'high' }),
    });
    const messages = [];
    for (const file of ['low.json', 'high.json'])
      messages.push(JSON.parse((await run(folder, '--alert', file)).stdout).steps.say.results);
    expect(messages).toEqual(['new from nothing', 'increased from low']);
    const match = (file: string) => cli(['match', 'w.yml', '--alert', file], { folder });
    expect([(await match('high.json')).code, (await match('low.json')).code]).toEqual([1, 0]);
  });

  test('the results of the last run that succeeded, for the next one', async () => {
    const counter = `workflow:
  id: counter
  steps:
    - name: count
      provider:
        type: mock
        with: { output: { n: { key: "{{ last_workflow_results.count.0.n }}", default: 0 } } }
    - name: next
      provider: { type: mock, with: { output: "{{ steps.count.results.n + 1 }}" } }
  outputs: { n: "{{ steps.next.results }}" }
`.replace('"{{ last_workflow_results.count.0.n }}"', '"{{ last_workflow_results.next.0 }}"');
    const folder = folderWith({ 'w.yml': counter });
    const counts = [];
    for (let count = 0; count < 3; count++) counts.push(JSON.parse((await run(folder)).stdout).outputs.n);
    expect(counts).toEqual([1, 2, 3]);
  });
});

describe('a file of several workflows', () => {
  const files = {
    'w.yml': `workflows:\n  - id: one\n    steps:\n${say('1')}  - id: two\n    disabled: true\n    steps:\n${say('2')}`,
  };

  test('runs the one that is named, and says which there are', async () => {
    const folder = folderWith(files);
    const chosen = await run(folder, '--workflow', 'two');
    expect(JSON.parse(chosen.stdout)).toMatchObject({ run: { workflow: 'two' }, steps: { say: { results: '2' } } });
    expect(await run(folder)).toMatchObject({ code: 2, stderr: expect.stringContaining('--workflow ID`: one, two') });
    expect(await run(folder, '--workflow', 'tow')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no workflow `tow`'),
    });
  });

  test('is validated and matched whole', async () => {
    const folder = folderWith(files);
    expect((await cli(['validate', 'w.yml'], { folder })).code).toBe(0);
    const { stdout } = await cli(['match', 'w.yml', '--alert', '-', '--format', 'json'], { folder, stdin: '{"name":"x"}' });
    expect(JSON.parse(stdout).workflows.map(({ id }: { id: string }) => id)).toEqual(['one', 'two']);
  });
});
