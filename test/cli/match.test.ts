import { describe, expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

const workflow = (id: string, triggers: string) =>
  `workflow:\n  id: ${id}\n  triggers:\n    ${triggers.replaceAll('\n', '\n    ')}\n  steps:\n    - { name: a, provider: { type: mock } }\n`;

const FILES = {
  'workflows/disk.yml': workflow(
    'disk',
    '- type: alert\n  cel: severity > "info" && (source == "prometheus" || source == "zabbix")',
  ),
  'workflows/net.yml': workflow('net', '- type: alert\n  filters: [{ key: name, value: \'r"^net"\' }]\n- type: manual'),
  'alert.json': JSON.stringify({ name: 'disk full', severity: 'high', source: ['prometheus'] }),
  'calm.json': JSON.stringify({ name: 'disk full', severity: 'info', source: ['prometheus'] }),
};

describe('match says which workflows an alert would start', () => {
  test('clause by clause, with the values, on stdout', async () => {
    const { code, stdout, stderr } = await cli(['match', 'workflows', '--alert', 'alert.json'], { files: FILES });
    expect(stdout).toBe(
      [
        '✓ disk  workflows/disk.yml',
        '  ✓ alert  workflows/disk.yml:4:7',
        '    ✓ severity > "info"                               severity is "high"',
        '    ✓ (source == "prometheus" || source == "zabbix")  needs any of these',
        '      ✓ source == "prometheus"                        source is ["prometheus"]',
        '      ✗ source == "zabbix"                            source is ["prometheus"]',
        '✗ net  workflows/net.yml',
        '  ✗ alert  workflows/net.yml:4:7',
        '    ✗ name.matches(r"^net")  name is "disk full"',
        '  ✗ manual  workflows/net.yml:6:7',
        '    ✗ type: manual  it is started by hand',
        '',
      ].join('\n'),
    );
    expect([code, stderr]).toEqual([0, '2 workflows: 1 would start\n']);
  });

  test('none of them: exit code 1', async () => {
    const { code, stdout } = await cli(['match', 'workflows/disk.yml', '--alert', '-'], {
      files: FILES,
      stdin: FILES['calm.json'],
    });
    expect(code).toBe(1);
    expect(stdout).toContain('✗ severity > "info"');
  });

  test('as one document', async () => {
    const { code, stdout, stderr } = await cli(['match', '--alert', 'alert.json', '--format', 'json'], { files: FILES });
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      matched: 1,
      workflows: [
        {
          id: 'disk',
          file: 'workflows/disk.yml',
          matches: true,
          triggers: [
            {
              type: 'alert',
              place: 'workflows/disk.yml:4:7',
              matches: true,
              clauses: [
                { text: 'severity > "info"', holds: true, why: 'severity is "high"', place: 'workflows/disk.yml:5:12' },
                { holds: true, parts: [{ holds: true }, { holds: false }] },
              ],
              error: null,
              alert: null,
            },
          ],
        },
        { id: 'net', matches: false },
      ],
    });
    expect([code, stderr]).toEqual([0, '']);
  });

  test('with the change of its severity', async () => {
    const files = { ...FILES, 'w.yml': workflow('w', '- { type: alert, severity_changed: true }') };
    const args = ['match', 'w.yml', '--alert', 'alert.json', '--previous', 'calm.json'];
    const { code, stdout } = await cli(args, { files });
    expect(code).toBe(0);
    expect(stdout).toContain('✓ severity has changed  severity was "info" and is "high"');
    expect(stdout).toContain('+ alert.severity_change: "increased"');
    const { stdout: json } = await cli([...args, '--format', 'json'], { files });
    expect(JSON.parse(json).workflows[0].triggers[0].alert).toMatchObject({ previous_severity: 'info' });
  });

  test('with the field that an alert lacks, so that its condition does not hold', async () => {
    const files = { ...FILES, 'w.yml': workflow('w', `- { type: alert, cel: "ticket_id != ''" }`) };
    const { code, stdout } = await cli(['match', 'w.yml', '--alert', 'alert.json'], { files });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ w .*\n {2}✗ alert .*\n {4}✗ ticket_id != '' {2}ticket_id is not there/);
  });

  test('also where one of them cannot be asked: it is marked, and the others go on', async () => {
    const files = { ...FILES, 'workflows/a.yml': workflow('a', '- { type: alert, cel: name + 1 > 2 }') };
    const { code, stdout } = await cli(['match', 'workflows', '--alert', 'alert.json'], { files });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✗ a {2}.*\n {2}\? alert .*\n {4}\? name \+ 1 > 2 .*\n {4}expression_failed: .*name/);
    expect(stdout).toContain('✓ disk');
  });

  test('without what an alert holds steering the terminal', async () => {
    const alert = JSON.stringify({ name: '\u001b[31m\n::error::x', severity: 'low' });
    const { stdout } = await cli(['match', 'workflows/net.yml', '--alert', '-'], { files: FILES, stdin: alert });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there.
    expect(stdout).not.toMatch(/\u001b|^::/m);
  });
});

test('match says which workflows an incident would start, by what happened to it', async () => {
  const files = {
    'w.yml': workflow('w', '- { type: incident, events: [created], cel: severity == "high" }'),
    'incident.yml': 'severity: high\n',
  };
  const args = ['match', 'w.yml', '--incident', 'incident.yml'];
  expect(await cli(args, { files })).toMatchObject({ code: 0, stdout: expect.stringContaining('the incident was created') });
  expect(await cli([...args, '--event', 'updated'], { files })).toMatchObject({ code: 1 });
});

describe('match refuses', () => {
  test('a workflow with mistakes: they are on stderr, the others are asked, exit code 2', async () => {
    const files = { ...FILES, 'workflows/bad.yml': workflow('bad', '- { type: alert, cel: "a = 1" }') };
    const { code, stdout, stderr } = await cli(['match', 'workflows', '--alert', 'alert.json'], { files });
    expect(code).toBe(2);
    expect(stdout).toContain('✓ disk');
    expect(stderr).toMatch(/workflows\/bad\.yml:4:\d+ error expression[\s\S]*3 workflows: 1 would start, 1 with mistakes/);
  });

  test.each([
    [['match'], /an alert or an incident/],
    [['match', '--alert', 'alert.json', '--incident', 'alert.json'], /an alert or an incident, and one of them/],
    [['match', '--incident', 'alert.json', '--previous', 'alert.json'], /`--previous` needs `--alert`/],
    [['match', '--alert', '-', '--previous', '-'], /not both/],
    [['match', '--incident', 'alert.json', '--event', 'create'], /Did you mean `created`/],
    [['match', '--alert', 'no.json'], /no\.json cannot be read/],
    [['match', 'nowhere', '--alert', 'alert.json'], /no nowhere/],
  ])('%j', async (args, reason) => {
    const { code, stdout, stderr } = await cli(args, { files: FILES });
    expect(stderr).toMatch(reason);
    expect([code, stdout]).toEqual([2, '']);
  });

  test.each(['', 'x', '-1', '1.5'])('an index %j, which counts nothing', async (index) => {
    const args = ['match', '--alert', '-', '--alert-format', 'auto', `--alert-index=${index}`];
    const { code, stdout, stderr } = await cli(args, { files: FILES, stdin: '[{"name": "a"}, {"name": "b"}]' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`\`--alert-index\` takes a whole number from 0, not \`${index}\`.`);
  });

  test('a list of alerts without a format is told how one of it is chosen; broken JSON, where it stands', async () => {
    const stderrOf = async (stdin: string) => (await cli(['match', '--alert', '-'], { files: FILES, stdin })).stderr;
    expect(await stderrOf('[{"name": "a"}]')).toContain('`--alert-format auto` reads the alerts in it');
    expect(await stderrOf('{"name": "a", "name": "b"}')).toMatch(/^threadline: standard input:1:15: map keys must be unique\./);
  });

  test('an alert that is not a map', async () => {
    expect(await cli(['match', '--alert', '-'], { files: FILES, stdin: '[1]' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Standard input holds no alert: it must be a map.'),
    });
  });
});
