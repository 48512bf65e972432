import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { program } from '../../src/cli/commands/index.ts';
import type { Command, CommandGroup } from '../../src/cli/terminal/command-line.ts';
import { parseYaml } from '../../src/language/parse.ts';
import { cli, folderWith } from '../support/cli.ts';

const ROOT = join(import.meta.dirname, '../..');
const GOOD = 'workflow:\n  id: good\n  steps:\n    - name: a\n      provider: { type: mock }\n';
const BAD = 'workflow:\n  id: bad\n  steps:\n    - nmae: a\n      provider: { type: mock }\n';

const commandsOf = (group: CommandGroup): Command[] =>
  group.commands.flatMap((command) => ('commands' in command ? commandsOf(command) : [command]));
const groups = program.commands.filter((command) => 'commands' in command);

describe('help', () => {
  test.each(commandsOf(program).map((command) => [command.name, command] as const))(
    '%s --help shows its options, on stdout',
    async (name, { options }) => {
      const { code, stdout, stderr } = await cli([...name.split(' '), '--help']);
      expect([code, stderr]).toEqual([0, '']);
      for (const option of Object.keys(options)) expect(stdout).toContain(`--${option}`);
    },
  );

  test('of everything names every command', async () => {
    const { code, stdout } = await cli(['--help']);
    expect(code).toBe(0);
    for (const { name } of program.commands) expect(stdout).toContain(name);
  });

  test.each(groups.map((group) => [group.name, group] as const))(
    '%s alone shows its commands, and is bad usage',
    async (name, { commands }) => {
      const { code, stdout, stderr } = await cli([name]);
      expect([code, stdout]).toEqual([2, '']);
      for (const command of commands) expect(stderr).toContain(command.name.split(' ')[1]);
      expect(await cli([name, '--help'])).toMatchObject({ code: 0, stdout: stderr, stderr: '' });
    },
  );

  test.each([
    [['rums'], 'There is no command `rums`', 'Did you mean `runs`?'],
    [['runs', 'lst'], 'There is no command `runs lst`', 'Did you mean `list`?'],
    [['runs', 'list', '--workflw', 'x'], '`runs list` has no option `--workflw`', 'Did you mean `--workflow`?'],
  ])('%j: what is mistyped is named, with what is nearest', async (words, message, hint) => {
    const { code, stdout, stderr } = await cli(words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  test('without a command is bad usage: nothing on stdout', async () => {
    expect(await cli([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('validate') });
  });

  test('the version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

describe('bad usage is exit code 2, with the right word', () => {
  test.each([
    [['valdate'], /`valdate`[\s\S]*`validate`/],
    [['constructor'], /`constructor`/],
    [['validate', '--fromat', 'json'], /`--format`/],
    [['validate', '--format', 'jsno'], /`json`/],
    [['schema', 'extra'], /no argument/],
    [['run', 'a.yml', 'b.yml'], /one argument/],
    [['emulator', '--port', 'x'], /is not a valid port/],
    [['run', 'a.yml', '--alert'], /alert/],
  ])('%j', async (args, reason) => {
    const { code, stdout, stderr } = await cli(args);
    expect(stderr).toMatch(reason);
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('validate', () => {
  test('needs no key and no network, runs nothing, and says where the mistake is', async () => {
    const { code, stdout, stderr } = await cli(['validate', 'bad.yml'], { files: { 'bad.yml': BAD } });
    expect(code).toBe(2);
    expect(stdout).toBe(
      'bad.yml:4:7 error unknown-key: unknown key `nmae`\n  4 |     - nmae: a\n    |       ^^^^\n  Did you mean `name`?\n\n',
    );
    expect(stderr).toBe('1 workflow: 1 error, 0 warnings\n');
  });

  test('--format json gives all of it as data, [] for nothing', async () => {
    const files = { 'bad.yml': BAD, 'good.yml': GOOD };
    const bad = await cli(['validate', 'bad.yml', 'good.yml', '--format', 'json'], { files });
    expect(JSON.parse(bad.stdout)).toEqual([
      {
        severity: 'error',
        code: 'unknown-key',
        message: 'unknown key `nmae`',
        hint: 'Did you mean `name`?',
        place: { file: 'bad.yml', line: 4, column: 7, length: 4 },
      },
    ]);
    expect(await cli(['validate', 'good.yml', '--format', 'json'], { files })).toMatchObject({
      code: 0,
      stdout: '[]\n',
      stderr: '',
    });
  });

  test('--format github gives an annotation', async () => {
    const { stdout } = await cli(['validate', 'bad.yml', '--format', 'github'], { files: { 'bad.yml': BAD } });
    expect(stdout).toBe(
      '::error file=bad.yml,line=4,col=7,endColumn=11,title=unknown-key::unknown key `nmae`. Did you mean `name`?\n',
    );
  });

  test('finds workflows in folders and globs, passes over other YAML, and says so', async () => {
    const files = {
      'workflows/a.yml': GOOD,
      'workflows/deep/b.yaml': GOOD,
      'workflows/x.rules.yml': 'rules: []\n',
      'c.yml': BAD,
    };
    const folder = folderWith(files);
    expect((await cli(['validate'], { folder })).stderr).toBe(
      '2 workflows: no problems (passed over, no workflow in them: workflows/x.rules.yml)\n',
    );
    expect((await cli(['validate', 'workflows/**/*.yaml'], { folder })).stderr).toBe('1 workflow: no problems\n');
    expect((await cli(['validate', '.'], { folder })).code).toBe(2);
  });

  test.each([
    [['none.yml'], 'There is no none.yml.'],
    [['*.none'], 'There is no *.none.'],
    [[], 'There is no workflow to validate.'],
  ])('%j leads nowhere: 2', async (args, reason) => {
    expect(await cli(['validate', ...args])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(reason) });
  });

  test('a warning alone is no failure', async () => {
    const { code, stdout } = await cli(['validate', 'w.yml'], {
      files: { 'w.yml': `${GOOD.trimEnd()}\n      constructor: 1\n` },
    });
    expect([code, stdout]).toEqual([0, expect.stringContaining('w.yml:6:7 warning unknown-key: `constructor` cannot be a key')]);
  });

  test('text of the file cannot steer the terminal', async () => {
    const { stdout } = await cli(['validate', 'w.yml'], { files: { 'w.yml': BAD.replace('a\n', 'a\u001b[2J\n') } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(stdout).not.toMatch(/\u001b/);
  });
});

describe('threadline.config.yaml', () => {
  test.each([
    ['an unknown key', 'provders: [a]\n', /threadline\.config\.yaml:1:1: unknown key `provders`\. Did you mean `providers`\?/],
    ['a wrong type', 'http:\n  allow_hosts: yes please\n', /threadline\.config\.yaml:2:16: `allow_hosts` must be a list/],
    ['broken YAML', 'http: {\n', /threadline\.config\.yaml:\d+:\d+:/],
    ['a folder that is not there', 'providers: [./none]\n', /none does not exist/],
    ['a file as a folder', 'providers: [./threadline.config.yaml]\n', /does not exist/],
  ])('with %s is 3, with its place', async (_, config, reason) => {
    const { code, stdout, stderr } = await cli(['validate', 'w.yml'], {
      files: { 'threadline.config.yaml': config, 'w.yml': GOOD },
    });
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([code, stdout]).toEqual([3, '']);
  });

  test('names folders of providers, whose parameters are checked like any other (P11)', async () => {
    const provider = `import { Closed, defineProvider, Type } from 'threadline/provider';
export default defineProvider({ description: 'Greets.', config: Closed({}), params: Closed({ name: Type.String({ description: 'Who.' }) }), run: async ({ name }) => 'hello ' + name });`;
    const workflow = (key: string) =>
      `workflow:\n  id: w\n  steps:\n    - name: a\n      provider: { type: greet, with: { ${key}: "{{ inputs.who }}" } }\n  inputs: [{ name: who, default: you }]\n`;
    const folder = folderWith({
      'threadline.config.yaml': 'providers: [providers]\n',
      'providers/greet/index.mjs': provider,
      'w.yml': workflow('name'),
      'bad.yml': workflow('nmae'),
    });
    expect(JSON.parse((await cli(['run', 'w.yml', '--format', 'json'], { folder })).stdout).steps.a.results).toBe('hello you');
    expect((await cli(['validate', 'bad.yml'], { folder })).stdout).toContain('Did you mean `name`?');
    expect((await cli(['providers', 'greet'], { folder })).stdout).toMatch(/Greets\.[\s\S]*name.*required.*Who\./);
  });
});

describe('providers', () => {
  test('lists what is installed', async () => {
    const { code, stdout } = await cli(['providers']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^console .*\n(.*\n)*http .*\n(.*\n)*openaiassistant /m);
    expect(JSON.parse((await cli(['providers', '--format', 'json'])).stdout)).toContainEqual({
      name: 'console',
      description: expect.any(String),
    });
  });

  test('shows the parameters of one, its configuration and its variables (P12)', async () => {
    const { stdout } = await cli(['providers', 'openaiassistant']);
    for (const word of ['prompt', 'temperature', 'api_key', 'OPENAI_API_KEY']) expect(stdout).toContain(word);
    expect(JSON.parse((await cli(['providers', 'http', '--format', 'json'])).stdout)).toMatchObject({
      name: 'http',
      params: { type: 'object' },
    });
  });

  test('does not know another, and says what was meant', async () => {
    expect(await cli(['providers', 'htp'])).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('`http`') });
  });
});

describe('schema', () => {
  test('is JSON Schema (draft-07) that takes our workflows and refuses a typo', async () => {
    const { code, stdout } = await cli(['schema']);
    expect(code).toBe(0);
    const schema = JSON.parse(stdout);
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    const validate = new Ajv({ strict: false }).compile(schema);
    const files = globSync('workflows/*.yml', { cwd: ROOT }).filter((file) => !/\.(rules|inputs|test)\.yml$/.test(file));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const dataOf = (changed: string) => parseYaml(changed, file).data;
      expect([file, validate(dataOf(text))]).toEqual([file, true]);
      expect(validate(dataOf(text.replace(/^( *)steps:/m, '$1stesp:')))).toBe(false);
      expect(validate(dataOf(text.replace(/^( *)provider:/m, '$1provder:')))).toBe(false);
    }
  });
});

describe('init', () => {
  test('writes a workflow that validates and runs offline, and overwrites nothing', async () => {
    const first = await cli(['init']);
    expect([first.code, first.stdout]).toEqual([0, '']);
    const { folder } = first;
    expect((await cli(['validate'], { folder })).code).toBe(0);
    const run = await cli(
      ['run', 'workflows/triage.yml', '--alert', 'workflows/triage.alert.json', '--offline', '--format', 'json'],
      { folder },
    );
    expect(run.code).toBe(0);
    const report = JSON.parse(run.stdout);
    expect(report.run).toMatchObject({ status: 'succeeded', offline: true });
    expect(report.outputs.verdict).toEqual({ severity: 'critical', reason: 'Customers cannot pay.' });

    const text = readFileSync(join(folder, 'workflows/triage.yml'), 'utf8');
    expect(await cli(['init'], { folder })).toMatchObject({ code: 2, stderr: expect.stringContaining('Already there') });
    expect(readFileSync(join(folder, 'workflows/triage.yml'), 'utf8')).toBe(text);
    expect((await cli(['init', 'other'], { folder })).code).toBe(0);
  });

  test('its workflow without a key is exit code 3, and says which variable (A3)', async () => {
    const { folder } = await cli(['init']);
    const { code, stderr } = await cli(['run', 'workflows/triage.yml', '--alert', 'workflows/triage.alert.json'], { folder });
    expect([code, stderr]).toEqual([3, expect.stringContaining('OPENAI_API_KEY')]);
  });
});

describe("OpenAI's SDK", () => {
  /** Node says what it loads: a hook, before anything else, writes every module's address to stderr. */
  const HOOK = `import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { const loaded = next(url, context); process.stderr.write('loaded ' + url + (String(loaded.source).includes('OpenAIError') ? ' SDK' : '') + '\\n'); return loaded; } });`;
  const assistant =
    'workflow:\n  id: a\n  steps:\n    - name: a\n      provider: { type: openaiassistant, with: { model: m, prompt: hi } }\n';
  const loads = async (...args: string[]) => {
    const folder = folderWith({ 'hook.mjs': HOOK, 'plain.yml': GOOD, 'assistant.yml': assistant });
    const { code, stderr } = await cli(args, { folder, nodeOptions: ['--import', join(folder, 'hook.mjs')] });
    expect([code, stderr]).toEqual([0, expect.stringContaining('loaded file:')]);
    return stderr.includes(' SDK\n');
  };

  test('is loaded by a step that needs it', async () => {
    expect(await loads('run', 'assistant.yml', '--offline')).toBe(true);
  });

  test.each([
    ['validate of such a workflow', ['validate', 'assistant.yml']],
    ['a run without such a step', ['run', 'plain.yml']],
    ['an offline run without such a step', ['run', 'plain.yml', '--offline']],
    ['providers', ['providers', 'openaiassistant']],
    ['schema', ['schema']],
    ['--version', ['--version']],
  ])('and not by %s', async (_, args) => {
    expect(await loads(...args)).toBe(false);
  });
});
