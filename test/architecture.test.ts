import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { WIRE_NAMES } from '../providers/openaiassistant/wires/index.ts';
import { iterations } from '../src/keywords/index.ts';

/** The rules of ARCHITECTURE.md, read from the imports: a rule that only prose keeps will drift. */
interface Import {
  from: string;
  /** A path from the root, or a package's name. */
  to: string;
}

const sources = globSync('{src,providers}/**/*.ts').filter((file) => !file.endsWith('.test.ts') && !file.includes('/test-'));
const imports: Import[] = sources.flatMap((from) => {
  const text = readFileSync(from, 'utf8').replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  const specifiers = [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)'([^']+)'/gm)].map((match) => match[1] ?? '');
  return specifiers.map((to) => ({ from, to: to.startsWith('.') ? normalize(join(dirname(from), to)) : to }));
});

const show = ({ from, to }: Import) => `${from} imports ${to}`;
const within = (folder: string) => (file: string) => file.startsWith(`${folder}/`);
const violations = (allowed: (one: Import) => boolean, of: Import[]) => of.filter((one) => !allowed(one)).map(show);

/**
 * The floors of src/, from the ground up. A folder imports from `shared/` and `plan` where they lie below it, and from the
 * folders that stand beside its name; all of those lie further up in this table, so no two folders import each other.
 */
const FLOORS: Record<string, string> = {
  'shared/json': '',
  'shared/errors': '',
  'shared/text': '',
  'shared/log': '',
  'shared/node': '',
  'shared/random': '',
  'shared/schema': '',
  'shared/time': '',
  plan: '',
  'values/core': '',
  'values/keep': 'values/core',
  'values/expression': 'values/core values/keep',
  'values/template': 'values/core values/expression',
  values: 'values/core values/keep values/expression values/template',
  triggers: 'values',
  keywords: 'values',
  language: 'values triggers keywords',
  database: '',
  threads: 'database',
  journal: 'database threads',
  'alerts/store': 'database',
  'alerts/adapters': '',
  locks: 'database',
  engine: '',
  fetch: '',
  provider: 'journal threads alerts/store fetch',
  load: 'language provider',
  stubs: 'values',
  run: 'language journal threads alerts/store locks engine provider load stubs',
  inspect: 'values provider run',
  testing: 'journal alerts/store fetch provider run',
  history: 'journal threads engine provider run',
  report: 'language provider history',
  restate: 'language journal locks engine provider load run history',
  log: '',
  'emulator/base': '',
  'emulator/check': 'emulator/base',
  'emulator/rules': 'emulator/base',
  'emulator/http': 'emulator/base emulator/rules',
  'emulator/vector-stores': 'emulator/base emulator/check',
  'emulator/transcript': 'emulator/base emulator/check emulator/rules',
  'emulator/chat': 'emulator/base emulator/check emulator/rules',
  'emulator/assistants': 'emulator/base emulator/check emulator/rules',
  'emulator/store': 'emulator/base emulator/vector-stores emulator/transcript emulator/assistants',
  'emulator/responses': 'emulator/base emulator/check emulator/rules emulator/vector-stores emulator/transcript emulator/store',
  'emulator/routing': 'emulator/base emulator/rules emulator/http emulator/store',
  'emulator/routes': [
    ...['emulator/base emulator/check emulator/rules emulator/vector-stores emulator/transcript emulator/chat'],
    'emulator/assistants emulator/store emulator/responses emulator/routing',
  ].join(' '),
  'emulator/server': 'emulator/base emulator/rules emulator/http emulator/store emulator/routing',
  emulator: 'emulator/rules emulator/http emulator/store emulator/routes emulator/server',
  'cli/terminal': 'provider',
  'cli/options': 'report cli/terminal',
  'cli/project': [
    ...['language journal threads alerts/store alerts/adapters engine provider load stubs run inspect history report restate'],
    'log emulator cli/terminal',
  ].join(' '),
  'cli/commands': 'language journal threads provider load history report restate cli/terminal cli/options cli/project',
  cli: 'cli/commands',
};
/** The floors of the assistant, the one provider that is more than a folder of files; `.` holds its index. */
const ASSISTANT_FLOORS: Record<string, string> = {
  base: '',
  dialects: '',
  transport: 'dialects',
  question: 'dialects',
  thread: 'base dialects question',
  wires: 'base dialects transport question thread',
  contract: 'dialects question wires',
  answer: 'base dialects question thread wires contract',
  routes: 'dialects transport wires contract',
  mcp: 'base contract',
  check: 'question wires contract routes',
  knowledge: 'base transport question contract',
  tools: 'base question thread contract mcp',
  turn: 'base dialects transport question thread wires contract answer routes knowledge tools',
  operations: 'base dialects question thread wires contract check knowledge',
  inspect: 'base dialects transport question thread wires contract answer routes check tools turn',
  '.': 'contract routes check turn operations inspect',
};

/** What any folder above it may import. */
const isGround = (folder: string) => folder.startsWith('shared/') || folder === 'plan';

const folderOf = (file: string) => dirname(file).replace(/^src\/?/, '');
const folderOfAssistant = (file: string) => relative('providers/openaiassistant', dirname(file)) || '.';

/** Every import that goes up, or to a folder that is not named beside the importing one; and every folder without a floor. */
function floorViolations(all: Import[], floors: Record<string, string>, folderOfFile = folderOf): string[] {
  const order = Object.keys(floors);
  return all.flatMap((one) => {
    const [from, to] = [folderOfFile(one.from), folderOfFile(one.to)];
    if (from === to) return [];
    const unknown = [from, to].filter((folder) => !order.includes(folder));
    if (unknown.length > 0) return unknown.map((folder) => `${folder} stands on no floor: ${show(one)}`);
    const goesDown = order.indexOf(to) < order.indexOf(from);
    const isNamed = isGround(to) || floors[from]?.split(' ').includes(to);
    return goesDown && isNamed ? [] : [show(one)];
  });
}

describe('P4: every folder stands on a floor', () => {
  const own = imports.filter(({ from, to }) => /^src\/.*\//.test(from) && to.startsWith('src/'));

  test('a folder imports only folders below it, types included', () => {
    expect(own.length).toBeGreaterThan(1000);
    expect(floorViolations(own, FLOORS)).toEqual([]);
  });

  test('the table has every folder, and names no import that nobody needs', () => {
    const folders = new Set(sources.filter((file) => /^src\/.*\//.test(file)).map(folderOf));
    expect([...folders].sort()).toEqual(Object.keys(FLOORS).sort());
    const used = new Set(own.map(({ from, to }) => `${folderOf(from)} → ${folderOf(to)}`));
    const named = Object.entries(FLOORS).flatMap(([from, below]) =>
      below
        .split(' ')
        .filter((to) => to !== '')
        .map((to) => `${from} → ${to}`),
    );
    expect(named.filter((one) => !used.has(one))).toEqual([]);
  });

  test('no file lies loose in src/, and a folder of folders holds at most its door', () => {
    expect(sources.filter((file) => folderOf(file) === '')).toEqual(['src/index.ts']);
    const holdsFolders = (folder: string) => Object.keys(FLOORS).some((other) => other.startsWith(`${folder}/`));
    const beside = sources.filter((file) => file.startsWith('src/') && holdsFolders(folderOf(file)));
    expect(beside.sort()).toEqual(['src/cli/main.ts', 'src/emulator/index.ts', 'src/values/index.ts']);
  });

  test("the assistant's folders do so, too", () => {
    const isInside = within('providers/openaiassistant');
    const inside = imports.filter(({ from, to }) => isInside(from) && isInside(to));
    expect(inside.length).toBeGreaterThan(300);
    expect(floorViolations(inside, ASSISTANT_FLOORS, folderOfAssistant)).toEqual([]);
    const folders = new Set(sources.filter(isInside).map(folderOfAssistant));
    expect([...folders].sort()).toEqual(Object.keys(ASSISTANT_FLOORS).sort());
    const loose = sources.filter((file) => isInside(file) && folderOfAssistant(file) === '.');
    expect(loose).toEqual(['providers/openaiassistant/index.ts']);
  });

  test('a circle that is put in by hand is found', () => {
    const up = { from: 'src/journal/journal.ts', to: 'src/run/run-plan.ts' };
    const unknown = { from: 'src/journal/journal.ts', to: 'src/attic/chest.ts' };
    const beside = { from: 'src/threads/store.ts', to: 'src/locks/lock.ts' };
    expect(floorViolations([up, unknown, beside], FLOORS)).toEqual([
      show(up),
      `attic stands on no floor: ${show(unknown)}`,
      show(beside),
    ]);
    expect(findCycle([up, { from: up.to, to: up.from }])).toEqual([up.from, up.to, up.from]);
  });

  test('nothing imports the command line', () => {
    expect(imports.filter(({ from, to }) => within('src/cli')(to) && !within('src/cli')(from)).map(show)).toEqual([]);
  });

  test('no file imports itself, by whatever way', () => {
    expect(findCycle(imports)).toEqual([]);
  });
});

describe('to add a thing, touch one place', () => {
  const code = (file: string) => readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

  test('what a step runs over is known by its keyword alone', () => {
    const names = [...new Set(iterations.flatMap(({ name, key }) => [name, key]))];
    expect(names).toEqual(['foreach', 'matrix']);
    const knows = new RegExp(`['"](${names.join('|')})['"]|\\b(step|data|frame|scope)\\.(${names.join('|')})\\b`);
    const others = sources.filter((file) => file.startsWith('src/') && !within('src/keywords')(file));
    expect(others.filter((file) => knows.test(code(file)))).toEqual([]);
  });

  test('a wire of the assistant is known by what it says of itself, never by its name', () => {
    const names = WIRE_NAMES.join('|');
    expect(names).toBe('responses|chat|assistants');
    const compares = new RegExp(
      `[!=]= ['"](${names})['"]|['"](${names})['"] [!=]=|case ['"](${names})['"]|\\(['"](${names})['"]\\)`,
    );
    const compared = (text: string) => compares.test(text);
    expect(["if (wire === 'chat')", "case 'responses':", "wires.includes('assistants')"].every(compared)).toBe(true);
    const assistant = sources.filter(within('providers/openaiassistant'));
    const others = assistant.filter((file) => !within('providers/openaiassistant/wires')(file));
    expect(others.length).toBeGreaterThan(90);
    expect(others.filter((file) => compared(code(file)))).toEqual([]);
  });
});

describe('one package, one door', () => {
  const DOORS: Record<string, (file: string) => boolean> = {
    yaml: (file) => file === 'src/language/parse.ts',
    typebox: (file) => file === 'src/shared/schema/schema.ts',
    ajv: within('src/shared/schema'),
    'ajv-formats': (file) => file === 'src/shared/schema/json-schema.ts',
    openai: (file) => within('providers/openaiassistant')(file),
    winston: (file) => file === 'src/log/open-log.ts',
    handlebars: (file) => file === 'src/values/template/handlebars-parser.ts',
    undici: (file) => file === 'src/fetch/send.ts',
    croner: (file) => file === 'src/triggers/cron-schedule.ts',
    'node:sqlite': (file) => file === 'src/database/sqlite.ts',
    'gpt-tokenizer': (file) => file === 'providers/openaiassistant/thread/tokens.ts',
    '@restatedev/restate-sdk': within('src/restate'),
    '@modelcontextprotocol/sdk': (file) => file === 'providers/openaiassistant/mcp/sdk.ts',
  };
  /** A package's name is the first part of what is imported, or the first two behind an `@`. */
  const packageOf = (to: string) => to.split('/', to.startsWith('@') ? 2 : 1).join('/');

  test.each(Object.entries(DOORS))('%s', (name, isDoor) => {
    const users = imports.filter(({ to }) => packageOf(to) === name).map(({ from }) => from);
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter((file) => !isDoor(file))).toEqual([]);
  });

  test('the OpenAI SDK is loaded at run time by one file, and only when a step asks', () => {
    const loads = sources.filter((file) => /(?<!typeof )import\('openai\b/.test(readFileSync(file, 'utf8')));
    const statics = sources.filter((file) => /^import (?!type ).*from 'openai\b/m.test(readFileSync(file, 'utf8')));
    expect({ loads, statics }).toEqual({ loads: ['providers/openaiassistant/routes/client.ts'], statics: [] });
  });

  test('the MCP SDK is loaded only when a server is opened', () => {
    const atStart = loadedWith('providers/openaiassistant/mcp/index.ts');
    expect(atStart).toContain('providers/openaiassistant/contract/mcp-schema.ts');
    expect(atStart).not.toContain('providers/openaiassistant/mcp/sdk.ts');
    expect(loadedWith('providers/openaiassistant/index.ts')).not.toContain('providers/openaiassistant/mcp/sdk.ts');
    expect(loadedWith('providers/openaiassistant/mcp/open-server.ts')).toContain('providers/openaiassistant/mcp/sdk.ts');
  });

  test('undici is loaded only when a step first fetches', () => {
    const atStart = ['src/cli/project/runtime.ts', 'src/provider/index.ts', 'providers/http/request.ts'].flatMap(loadedWith);
    expect(atStart).toContain('src/provider/context.ts');
    expect(atStart).not.toContain('src/fetch/send.ts');
    expect(loadedWith('src/fetch/guarded-fetch.ts')).toContain('src/fetch/send.ts');
  });

  test("Restate's SDK is loaded by workers only", () => {
    const handingOver = loadedWith('src/cli/project/run-on-restate.ts');
    expect(handingOver).toContain('src/restate/hand-over.ts');
    const atStart = [...loadedWith('src/cli/project/runtime.ts'), ...handingOver];
    const statics = sources.filter((file) => /^import (?!type ).*from '@restatedev/m.test(readFileSync(file, 'utf8')));
    expect(statics.length).toBeGreaterThan(0);
    expect(statics.filter((file) => atStart.includes(file))).toEqual([]);
  });

  test('SQLite is loaded at run time by one file, and only when a database is opened', () => {
    const loads = sources.filter((file) => /getBuiltinModule\('node:sqlite'\)/.test(readFileSync(file, 'utf8')));
    const statics = sources.filter((file) => /^import (?!type ).*from 'node:sqlite'/m.test(readFileSync(file, 'utf8')));
    expect({ loads, statics }).toEqual({ loads: ['src/database/sqlite.ts'], statics: [] });
  });

  test('no other package is used', () => {
    const packages = new Set(imports.filter(({ to }) => !/^(src\/|providers\/|node:)/.test(to)).map(({ to }) => packageOf(to)));
    for (const known of [...Object.keys(DOORS), 'threadline', 'package.json']) packages.delete(known);
    expect([...packages]).toEqual([]);
  });
});

/** Providers whose names are words of the language or of the web too, or of what a person may be asked. */
const ALSO_WORDS = new Set(['http', 'keep', 'workflow', 'approval']);

describe('providers', () => {
  test('import the host by its package name, as a stranger would, and nothing of each other', () => {
    const own = imports.filter(({ from, to }) => from.startsWith('providers/') && !to.startsWith('node:'));
    const fine = ({ from, to }: Import) =>
      to === 'threadline/provider' ||
      to === 'threadline/runtime' ||
      within(from.split('/').slice(0, 2).join('/'))(to) ||
      (from.includes('openaiassistant') && /^(openai(\/.*)?|gpt-tokenizer\/.*|@modelcontextprotocol\/sdk\/.*)$/.test(to));
    expect(violations(fine, own)).toEqual([]);
  });

  test('the host knows no provider by name', () => {
    const names = globSync('providers/*/index.ts').map((file) => file.split('/')[1] ?? '');
    const hosts = sources.filter((file) => file.startsWith('src/') && file !== 'src/cli/project/first-files.ts');
    const mentions = hosts.flatMap((file) => {
      const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      return names
        .filter((name) => new RegExp(`['"\`]${name}['"\`]`).test(code) && !ALSO_WORDS.has(name))
        .map((name) => `${file}: ${name}`);
    });
    expect(mentions).toEqual([]);
  });
});

test('P7: tests mirror the source: each folder of src has its folder of tests', () => {
  const folders = globSync('src/*/').map((folder) => folder.replaceAll('\\', '/').split('/')[1] ?? '');
  expect(folders.length).toBeGreaterThan(15);
  expect(folders.filter((folder) => globSync(`test/${folder}/**/*.test.ts`).length === 0)).toEqual([]);
});

describe('the world outside', () => {
  const pure = sources.filter((file) => /^src\/(shared|plan|values|keywords|triggers|language|stubs)\//.test(file));

  test('pure folders do no I/O and read no clock', () => {
    const impure = imports.filter(({ from, to }) => pure.includes(from) && to.startsWith('node:'));
    const clocks = pure.filter((file) =>
      /Date\.now|new Date\(\)|Math\.random|process\.(?!getBuiltinModule)/.test(readFileSync(file, 'utf8')),
    );
    expect({ impure: impure.map(show), clocks }).toEqual({ impure: [], clocks: [] });
  });

  test('argv, the exit code and signals belong to the command line', () => {
    const users = sources.filter((file) =>
      /process\.(argv|exit|exitCode|on\(|stdin|stdout|stderr)/.test(readFileSync(file, 'utf8')),
    );
    expect(users.filter((file) => !file.startsWith('src/cli/'))).toEqual([]);
  });

  test('text is never made code', () => {
    const users = sources.filter((file) => /\beval\(|new Function\(|node:vm/.test(readFileSync(file, 'utf8')));
    expect(users).toEqual([]);
  });
});

test('no file of the sources grows beyond what can be read in one sitting', () => {
  const long = sources
    .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length }))
    .filter(({ lines }) => lines > 300);
  expect(long).toEqual([]);
});

/** The files that are read with this one: what it imports, and so on, without types and without `import()`. */
function loadedWith(entry: string): string[] {
  const files = new Set([entry]);
  for (const file of files) {
    const statics = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )(?:[^;']*? from )?'(\.[^']+)'/gm);
    for (const [, to = ''] of statics) files.add(normalize(join(dirname(file), to)));
  }
  return [...files];
}

function findCycle(all: Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of all) if (/^(src|providers)\//.test(to)) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    path.push(file);
    for (const target of next.get(file) ?? []) {
      const cycle = visit(target);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const file of next.keys()) {
    const cycle = visit(file);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
