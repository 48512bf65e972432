import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

const ECHO = `workflow:
  id: echo
  env: [GREETING, PLACE]
  inputs:
    - { name: text }
    - { name: number, type: number }
    - { name: list, type: list }
  steps:
    - name: a
      provider: { type: mock, with: { output: { inputs: "{{ inputs }}", env: "{{ env }}" } } }
    - name: says
      provider: { type: console, with: { message: hello } }
  outputs: { all: "{{ steps.a.results }}" }
`;
const FAILS =
  'workflow:\n  id: fails\n  steps:\n    - name: a\n      provider: { type: mock, with: { error: { message: it broke } } }\n';
const READS =
  'workflow:\n  id: reads\n  steps:\n    - name: a\n      provider: { type: mock, with: { output: "{{ alert.name }}" } }\n';
const SECRET =
  'workflow:\n  id: secret\n  steps:\n    - name: a\n      provider: { type: mock, with: { output: "{{ secrets.TOKEN }}" } }\n';
const files = {
  'echo.yml': ECHO,
  'fails.yml': FAILS,
  'reads.yml': READS,
  'secret.yml': SECRET,
  'bad.yml': 'workflow:\n  id: x\n  stps: []\n',
};

const outputsOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout).outputs.all;

describe('run: what is given', () => {
  test('inputs: -i, repeatable, JSON where it is no text; over --input-file, in JSON or YAML', async () => {
    const args = [
      'run',
      'echo.yml',
      '--format',
      'json',
      '--input-file',
      'in.yml',
      '-i',
      'text=a=b',
      '--input',
      'list=[1,{"x":null}]',
    ];
    const { code, ...result } = await cli(args, { files: { ...files, 'in.yml': 'text: from file\nnumber: 2\n' } });
    expect(code).toBe(0);
    expect(outputsOf(result).inputs).toEqual({ text: 'a=b', number: 2, list: [1, { x: null }] });
  });

  test('environment: .env, then --env-file, then the shell wins', async () => {
    const env = { 'echo.yml': ECHO, '.env': 'GREETING=dotenv\nPLACE=dotenv\n', 'more.env': 'GREETING=file\n' };
    expect(outputsOf(await cli(['run', 'echo.yml', '--format', 'json'], { files: env })).env).toEqual({
      GREETING: 'dotenv',
      PLACE: 'dotenv',
    });
    expect(outputsOf(await cli(['run', 'echo.yml', '--format', 'json', '--env-file', 'more.env'], { files: env })).env).toEqual({
      GREETING: 'file',
      PLACE: 'dotenv',
    });
    const shell = { files: env, env: { GREETING: 'shell' } };
    expect(outputsOf(await cli(['run', 'echo.yml', '--format', 'json', '--env-file', 'more.env'], shell)).env).toEqual({
      GREETING: 'shell',
      PLACE: 'dotenv',
    });
  });

  test.each([
    ['JSON', '{"name":"from stdin"}'],
    ['YAML', 'name: from stdin\n'],
  ])('--alert - reads %s from standard input', async (_, stdin) => {
    const { code, stdout } = await cli(['run', 'reads.yml', '--alert', '-', '--format', 'json'], { files, stdin });
    expect([code, JSON.parse(stdout).steps.a.results]).toEqual([0, 'from stdin']);
  });
});

describe('run: exit codes, with a reason on stderr and nothing on stdout', () => {
  test.each<[string, string[], number, RegExp]>([
    ['a workflow with a mistake', ['bad.yml'], 2, /bad\.yml:3:3 error unknown-key.*`stps`[\s\S]*\^{4}[\s\S]*`steps`/],
    ['no file of that name', ['none.yml'], 2, /none\.yml/],
    ['no file at all', [], 2, /file/],
    ['an unknown option', ['echo.yml', '--ofline'], 2, /`--offline`/],
    ['an unknown format', ['echo.yml', '--format', 'jsn'], 2, /`json`/],
    ['an input without =', ['echo.yml', '-i', 'text'], 2, /name=value/],
    ['an unknown input', ['echo.yml', '-i', 'txet=1'], 2, /`text`/],
    ['an input of the wrong type', ['echo.yml', '-i', 'number=many'], 2, /number/],
    ['a workflow that needs an alert', ['reads.yml'], 2, /--alert FILE/],
    ['an alert that is not a map', ['reads.yml', '--alert', 'list.json'], 2, /list\.json.*map/],
    ['an alert that is not well-formed', ['reads.yml', '--alert', 'broken.json'], 2, /broken\.json:1:\d+/],
    ['no duration', ['echo.yml', '--timeout', 'soon'], 2, /soon.*\n.*10m/],
    ['a report of no kind', ['echo.yml', '-o', 'report.txt'], 2, /\.json, \.xml/],
    ['a report in a place that cannot be', ['echo.yml', '-o', 'echo.yml/report.json'], 2, /report\.json/],
    ['a secret that is not set (A15)', ['secret.yml'], 3, /`TOKEN`[\s\S]*TOKEN/],
  ])('%s', async (_, args, code, reason) => {
    const result = await cli(['run', ...args], { files: { ...files, 'list.json': '[1]', 'broken.json': '{"a": ' } });
    expect(result.stderr).toMatch(reason);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect([result.code, result.stdout]).toEqual([code, '']);
  });

  test('a failed run is 1, and says which step and why', async () => {
    const { code, stderr } = await cli(['run', 'fails.yml'], { files });
    expect(code).toBe(1);
    expect(stderr).toContain('it broke');
  });

  test('refused credentials are 3', async () => {
    const workflow = FAILS.replace('message: it broke', 'message: no, code: authentication_failed');
    expect((await cli(['run', 'w.yml'], { files: { 'w.yml': workflow } })).code).toBe(3);
  });
});

describe('run: what is printed', () => {
  test('pretty: nothing but the result on stdout, progress on stderr, no colours off a terminal', async () => {
    const { stdout, stderr } = await cli(['run', 'echo.yml'], { files });
    expect(stderr).toContain('hello');
    expect(stdout).not.toContain('hello');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what must not be there.
    expect(stdout + stderr).not.toMatch(/\u001b/);
  });

  test('FORCE_COLOR colours, and NO_COLOR wins', async () => {
    expect((await cli(['run', 'echo.yml'], { files, env: { FORCE_COLOR: '1' } })).stderr).toContain('\u001b[');
    expect((await cli(['run', 'echo.yml'], { files, env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stderr).not.toContain('\u001b[');
  });

  test.each(['echo.yml', 'fails.yml'])('json of %s: one document, also of a run that failed', async (file) => {
    const { stdout } = await cli(['run', file, '--format', 'json', '--run-id', 'run_1'], { files });
    const report = JSON.parse(stdout);
    expect(Object.keys(report).sort()).toEqual(['error', 'outputs', 'run', 'steps', 'usage']);
    expect(report.run).toMatchObject({ id: 'run_1', offline: false });
    expect(Object.keys(report.steps.a).sort()).toEqual(['attempts', 'duration_ms', 'error', 'results', 'status']);
  });

  test('jsonl: one event a line, from the start of the run to its end', async () => {
    const { stdout } = await cli(['run', 'echo.yml', '--format', 'jsonl'], { files });
    const types = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect([types[0], types.at(-1)]).toEqual(['run-started', 'run-ended']);
  });

  test('-q prints errors only, -v does not break the result', async () => {
    expect((await cli(['run', 'echo.yml', '-q'], { files })).stderr).toBe('');
    expect((await cli(['run', 'fails.yml', '-q'], { files })).stderr).toContain('it broke');
    expect(JSON.parse((await cli(['run', 'echo.yml', '-v', '--format', 'json'], { files })).stdout).run.status).toBe('succeeded');
  });

  test('-o writes reports, into folders that are not there yet, also of a run that failed', async () => {
    const { code, folder } = await cli(['run', 'fails.yml', '-o', 'out/r.json', '-o', 'out/r.xml', '--output', 'out/r.md'], {
      files,
    });
    expect(code).toBe(1);
    expect(JSON.parse(readFileSync(join(folder, 'out/r.json'), 'utf8')).run.status).toBe('failed');
    expect(readFileSync(join(folder, 'out/r.xml'), 'utf8')).toContain('it broke');
    expect(readFileSync(join(folder, 'out/r.md'), 'utf8')).toContain('it broke');
  });

  test('a secret is in no output of any format (A15)', async () => {
    const TOKEN = 'very+secret/token';
    for (const format of ['pretty', 'json', 'jsonl', 'github']) {
      const { code, stdout, stderr, folder } = await cli(['run', 'secret.yml', '-v', '--format', format, '-o', 'r.json'], {
        files,
        env: { TOKEN },
      });
      expect(code).toBe(0);
      expect(stdout + stderr + readFileSync(join(folder, 'r.json'), 'utf8')).not.toContain('secret/token');
    }
  });

  test('an alert that no trigger matches runs all the same, with a word; alert. in front is the same', async () => {
    const workflow = (cel: string) => READS.replace('  steps:', `  triggers: [{ type: alert, cel: "${cel}" }]\n  steps:`);
    const stderr = async (cel: string) =>
      (await cli(['run', 'w.yml', '--alert', '-'], { files: { 'w.yml': workflow(cel) }, stdin: '{"name":"x","severity":"low"}' }))
        .stderr;
    expect(await stderr("severity == 'high'")).toContain('no alert trigger');
    expect(await stderr("alert.severity == 'high'")).toContain('no alert trigger');
    expect(await stderr("severity == 'low'")).not.toContain('no alert trigger');
    expect(await stderr("alert.severity == 'low'")).not.toContain('no alert trigger');
  });
});
