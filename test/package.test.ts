import { execFileSync, execSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cli } from './support/cli.ts';

/** What is published, as npm packs it from dist/: what runs is declared, and only what runs. */
const ROOT = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const { dependencies, bin, exports } = JSON.parse(read('package.json')) as {
  dependencies: Record<string, string>;
  bin: Record<string, string>;
  exports: Record<string, { default: string } | string>;
};
/** `yaml` with its version: the packages whose code is inside of dist/. */
const inlined = new Map(
  [...read('dist/THIRD-PARTY-LICENSES.txt').matchAll(/^(@?\S+) (\d+\.\d+\.\d+\S*) \(/gm)].map(([, name, version]) => [
    name,
    version,
  ]),
);
const isPackage = (specifier: string) => !/^(\.|node:|threadline\/)/.test(specifier);
const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

describe('dependencies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'threadline-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let imported: string[] = [];

  beforeAll(() => {
    const files = globSync('dist/{src,providers}/**/*.js', { cwd: ROOT });
    const metafile = join(folder, 'meta.json');
    const options = ['--bundle', '--packages=external', '--platform=node', '--format=esm', '--log-level=error'];
    const esbuild = join(ROOT, 'node_modules/esbuild/bin/esbuild');
    execFileSync(process.execPath, [esbuild, ...files, ...options, `--outdir=${folder}`, `--metafile=${metafile}`], {
      cwd: ROOT,
    });
    const { outputs } = JSON.parse(readFileSync(metafile, 'utf8')) as {
      outputs: Record<string, { imports: { path: string; external?: boolean }[] }>;
    };
    const external = Object.values(outputs).flatMap(({ imports }) => imports.filter((one) => one.external));
    imported = [
      ...new Set(
        external
          .map(({ path }) => path)
          .filter(isPackage)
          .map(packageOf),
      ),
    ];
  });

  test('are the packages that dist/ imports or has inside, and no others', () => {
    expect(imported.filter((name) => inlined.has(name))).toEqual([]);
    expect([...imported, ...inlined.keys()].sort()).toEqual(Object.keys(dependencies).sort());
  });

  test('can be updated where they are imported, and name the very version that is inside of dist/', () => {
    for (const name of imported) expect([name, dependencies[name]]).toEqual([name, expect.stringMatching(/^\^\d+\.\d+\.\d+$/)]);
    for (const [name = '', version] of inlined) expect([name, dependencies[name]]).toEqual([name, version]);
  });

  test('bring nothing into dist/ that makes text code, as the compiler of Handlebars would', () => {
    const files = globSync('dist/**/*.js', { cwd: ROOT });
    expect(files.some((file) => read(file).includes('BlockStatement'))).toBe(true);
    expect(files.filter((file) => /\beval\(|\bFunction\(|node:vm/.test(read(file)))).toEqual([]);
  });

  test('are all that the sources name, types included', () => {
    const text = globSync('{src,providers}/**/*.ts', { cwd: ROOT, exclude: ['**/*test*'] })
      .map(read)
      .join('\n');
    const named = [...text.matchAll(/\bimport\('([^']+)'\)|^(?:import|export) [^;]*? from '([^']+)';/gm)].flatMap(
      ([, dynamic, given = dynamic]) => given ?? [],
    );
    expect(named.length).toBeGreaterThan(1000);
    expect(named.filter((name) => isPackage(name) && !(packageOf(name) in dependencies))).toEqual([]);
  });
});

/** Says each package that Node reads a file of, once. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import module from 'node:module';
  const seen = new Set();
  module.registerHooks({
    load(url, context, next) {
      const name = url.startsWith('file:') ? url.match(/.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/)?.[1] : undefined;
      if (name && !seen.has(name)) process.stderr.write('loads ' + name + '\\n');
      seen.add(name);
      return next(url, context);
    },
  });
`)}`;

describe('a command loads no package before it is needed', () => {
  /** What triggers are compiled with: one file, read in a millisecond. */
  const AT_START = ['croner'];
  const WORKFLOW = `workflow: { id: one, steps: [{ name: a, provider: { type: mock, with: { output: "{{ run.id }}" } } }] }`;
  const ASK = `workflow: { id: ask, steps: [{ name: a, provider: { type: openaiassistant, with: { model: m, prompt: hi } } }] }`;
  const loadedBy = async (args: string[], env: Record<string, string> = {}) => {
    const files = { 'one.yml': WORKFLOW, 'ask.yml': ASK };
    const { code, stderr } = await cli(args, { files, env, nodeOptions: ['--import', WATCH] });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return [...stderr.matchAll(/^loads (.*)$/gm)].map(([, name = '']) => name).filter((name) => !AT_START.includes(name));
  };

  test.each(['--version', 'validate one.yml ask.yml', 'run one.yml', 'providers', 'schema', 'runs list', 'threads list'])(
    '%s',
    async (command) => {
      expect(await loadedBy(command.split(' '))).toEqual([]);
    },
  );

  test('winston is loaded where a log is wanted', async () => {
    expect(await loadedBy(['run', 'one.yml'], { LOGGING_LEVEL: 'error' })).toContain('winston');
    expect(await loadedBy(['run', 'one.yml', '--log-file', 'run.log'])).toContain('winston');
  });

  test('the first ask loads the SDK and nothing else', async () => {
    expect(await loadedBy(['run', 'ask.yml', '--offline'])).toEqual(['openai']);
  });
});

describe('the tarball', () => {
  const listing = execSync('npm pack --dry-run --json --ignore-scripts', { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
  const [pack] = Object.values(JSON.parse(listing)) as { files: { path: string }[] }[];
  const files = pack?.files.map(({ path }) => path) ?? [];

  test('holds what its bin and exports lead to', () => {
    const targets = Object.values(exports).flatMap((one) => (typeof one === 'string' ? one : one.default));
    const wanted = [...Object.values(bin), ...targets].map((path) => path.replace(/^\.\//, ''));
    expect(wanted.filter((path) => !files.includes(path))).toEqual([]);
  });

  test('holds no sources and no tests but those of the example', () => {
    expect(
      files.filter((path) => /^(?!examples\/)/.test(path) && /^(src|test|bench|scripts)\/|\.test\.|(?<!\.d)\.ts$/.test(path)),
    ).toEqual([]);
  });
});
