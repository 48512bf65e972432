import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';

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

/** Which folders and files of src/ each folder may import, besides itself and the leaves. */
const MAY_IMPORT: Record<string, string[]> = {
  alerts: ['sqlite'],
  locks: ['sqlite'],
  values: [],
  keywords: [],
  triggers: ['values'],
  language: ['keywords', 'triggers', 'values'],
  engine: [],
  journal: ['sqlite'],
  provider: ['journal'],
  emulator: [],
  report: [],
  testing: ['values'],
  threads: ['sqlite'],
  restate: [...['journal', 'locks', 'provider', 'engine', 'load-workflow', 'run', 'history']],
};
/** Files that any folder may import: data shapes and small pure functions. */
const LEAVES = [
  ...[
    'check-schema',
    'duration',
    'errors',
    'event',
    'json',
    'json-schema',
    'mask',
    'moment',
    'node-util',
    'plan',
    'history/run-document',
    'schema',
    'schema-rules',
    'scope',
    'step-path',
    'suggest',
    'history/thread-document',
    'trigger-plan',
    'world',
  ].map((name) => `src/${name}.ts`),
  'src/provider/contract.ts',
  'src/language/diagnostic.ts',
  'src/alerts/store/store.ts',
  'src/threads/store.ts',
  'src/journal/journal.ts',
];

describe('P4: layers stand apart', () => {
  test.each(Object.entries(MAY_IMPORT))('src/%s imports only what it may', (folder, others) => {
    const allowed = [folder, ...others].flatMap((name) => [within(`src/${name}`), (file: string) => file === `src/${name}.ts`]);
    const own = imports.filter(({ from, to }) => within(`src/${folder}`)(from) && to.startsWith('src/'));
    expect(own.length).toBeGreaterThan(0);
    expect(violations(({ to }) => LEAVES.includes(to) || allowed.some((is) => is(to)), own)).toEqual([]);
  });

  test('leaves import leaves only', () => {
    const own = imports.filter(({ from, to }) => LEAVES.includes(from) && to.startsWith('src/'));
    expect(violations(({ to }) => LEAVES.includes(to), own)).toEqual([]);
  });

  test('the door to SQLite imports leaves only', () => {
    const own = imports.filter(({ from, to }) => from === 'src/sqlite.ts' && to.startsWith('src/'));
    expect(violations(({ to }) => LEAVES.includes(to), own)).toEqual([]);
  });

  test('nothing imports the command line', () => {
    expect(imports.filter(({ from, to }) => within('src/cli')(to) && !within('src/cli')(from)).map(show)).toEqual([]);
  });

  test('there is no cycle, types included', () => {
    expect(findCycle(imports)).toEqual([]);
  });
});

describe('one package, one door', () => {
  const DOORS: Record<string, (file: string) => boolean> = {
    yaml: (file) => file === 'src/language/parse.ts',
    typebox: (file) => file === 'src/schema.ts',
    'ajv/dist/2020.js': (file) => file === 'src/json-schema.ts',
    'ajv-formats': (file) => file === 'src/json-schema.ts',
    openai: (file) => within('providers/openaiassistant')(file),
    'node:sqlite': (file) => file === 'src/sqlite.ts',
    jsonrepair: (file) => file === 'providers/openaiassistant/answer/json-repair.ts',
    'gpt-tokenizer/encoding/o200k_base': (file) => file === 'providers/openaiassistant/thread/tokens.ts',
    '@restatedev/restate-sdk': within('src/restate'),
    '@modelcontextprotocol/sdk': (file) => file === 'providers/openaiassistant/mcp/sdk.ts',
  };
  /** Of packages that are imported by their folders. */
  const packageOf = (to: string) => (to.startsWith('@modelcontextprotocol/') ? to.split('/').slice(0, 2).join('/') : to);

  test.each(Object.entries(DOORS))('%s', (name, isDoor) => {
    const users = imports.filter(({ to }) => packageOf(to) === name).map(({ from }) => from);
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter((file) => !isDoor(file))).toEqual([]);
  });

  test('the OpenAI SDK is loaded at run time by one file, and only when a step asks', () => {
    const loads = sources.filter((file) => /import\('openai'\)/.test(readFileSync(file, 'utf8')));
    const statics = sources.filter((file) => /^import (?!type ).*from 'openai'/m.test(readFileSync(file, 'utf8')));
    expect({ loads, statics }).toEqual({ loads: ['providers/openaiassistant/routes/client.ts'], statics: [] });
  });

  test('the MCP SDK is loaded only when a server is opened', () => {
    const atStart = loadedWith('providers/openaiassistant/mcp/index.ts');
    expect(atStart).toContain('providers/openaiassistant/contract/mcp-schema.ts');
    expect(atStart).not.toContain('providers/openaiassistant/mcp/sdk.ts');
    expect(loadedWith('providers/openaiassistant/index.ts')).not.toContain('providers/openaiassistant/mcp/sdk.ts');
    expect(loadedWith('providers/openaiassistant/mcp/open-server.ts')).toContain('providers/openaiassistant/mcp/sdk.ts');
  });

  test("Restate's SDK is loaded by workers only", () => {
    const handingOver = loadedWith('src/cli/run-on-restate.ts');
    expect(handingOver).toContain('src/restate/hand-over.ts');
    const atStart = [...loadedWith('src/cli/runtime.ts'), ...handingOver];
    const statics = sources.filter((file) => /^import (?!type ).*from '@restatedev/m.test(readFileSync(file, 'utf8')));
    expect(statics.length).toBeGreaterThan(0);
    expect(statics.filter((file) => atStart.includes(file))).toEqual([]);
  });

  test('SQLite is loaded at run time by one file, and only when a database is opened', () => {
    const loads = sources.filter((file) => /getBuiltinModule\('node:sqlite'\)/.test(readFileSync(file, 'utf8')));
    const statics = sources.filter((file) => /^import (?!type ).*from 'node:sqlite'/m.test(readFileSync(file, 'utf8')));
    expect({ loads, statics }).toEqual({ loads: ['src/sqlite.ts'], statics: [] });
  });

  test('no other package is used', () => {
    const packages = new Set(
      imports
        .map(({ to }) => packageOf(to))
        .filter((to) => !to.startsWith('src/') && !to.startsWith('providers/') && !to.startsWith('node:')),
    );
    for (const known of [...Object.keys(DOORS), 'threadline/provider', 'package.json']) packages.delete(known);
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
      within(from.split('/').slice(0, 2).join('/'))(to) ||
      (from.includes('openaiassistant') && /^(openai|jsonrepair|gpt-tokenizer\/.*|@modelcontextprotocol\/sdk\/.*)$/.test(to));
    expect(violations(fine, own)).toEqual([]);
  });

  test('the host knows no provider by name', () => {
    const names = globSync('providers/*/index.ts').map((file) => file.split('/')[1] ?? '');
    const hosts = sources.filter((file) => file.startsWith('src/') && file !== 'src/cli/first-files.ts');
    const mentions = hosts.flatMap((file) => {
      const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      return names
        .filter((name) => new RegExp(`['"\`]${name}['"\`]`).test(code) && !ALSO_WORDS.has(name))
        .map((name) => `${file}: ${name}`);
    });
    expect(mentions).toEqual([]);
  });
});

describe('the world outside', () => {
  const pure = sources.filter((file) => /^src\/(values|keywords|triggers|language)\//.test(file) || LEAVES.includes(file));

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
