import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { folderWith } from './support/cli.ts';

/** The types that npm publishes, read from dist/types as somebody's compiler reads them. */
const read = (file: string) => readFileSync(file, 'utf8');
const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, { types: string } | string> };

const codeBlock = (page: string, opening: string): string => {
  const blocks = [...read(page).matchAll(/```(?:js|ts)\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  return blocks.find((text) => text.includes(opening)) ?? '';
};

describe('a package of somebody else', () => {
  const EXAMPLE = 'examples/threadline-provider-tickets';

  /** The messages of a strict compiler that checks the types of libraries too and writes declarations. */
  function compile(files: Record<string, string>): string {
    const folder = folderWith({ 'package.json': '{ "type": "module" }', ...files });
    mkdirSync(join(folder, 'node_modules'));
    // By a link, as pnpm installs: what Threadline itself needs is not beside it.
    symlinkSync(resolve('.'), join(folder, 'node_modules/threadline'), 'dir');
    const options = '--strict --exactOptionalPropertyTypes --skipLibCheck false --declaration --allowJs --checkJs';
    const target = ['--target', 'es2023', '--module', 'nodenext', '--outDir', 'out', '--rootDir', '.'];
    const types = ['--types', 'node', '--typeRoots', resolve('node_modules/@types')];
    const args = ['--ignoreConfig', ...options.split(' '), ...target, ...types, ...Object.keys(files)];
    const tsc = resolve('node_modules/typescript/bin/tsc');
    return spawnSync(process.execPath, [tsc, ...args], { cwd: folder, encoding: 'utf8' }).stdout;
  }

  test('compiles: the example with its tests, the provider in TypeScript, the program', () => {
    const files = {
      'tickets/index.js': read(`${EXAMPLE}/index.js`),
      'tickets/index.test.js': read(`${EXAMPLE}/index.test.js`),
      'rota/index.ts': codeBlock('docs/providers.md', 'nobody_on_call: '),
      'program.ts': codeBlock('docs/api.md', 'loadWorkflow('),
    };
    expect(Object.values(files).every((text) => text !== '')).toBe(true);
    expect(compile(files)).toBe('');
  });

  test('is told of its mistakes', () => {
    const mistaken = read(`${EXAMPLE}/index.js`).replace('config.token', 'config.tokn');
    expect(compile({ 'index.js': mistaken })).toMatch(/^index\.js\(.*'tokn' does not exist/);
  });
});

describe('every type that an export mentions can be imported', () => {
  const entries = Object.values(exports).flatMap((target) => (typeof target === 'string' ? [] : target.types));

  /** Each exported name, and the file that declares it. */
  const exportsOf = (entry: string): [string, string][] =>
    [...read(entry).matchAll(/^export (?:type )?\{([^}]*)\} from '(\.[^']*)\.ts'/gm)].flatMap(([, names = '', from = '']) =>
      names.split(',').flatMap((name): [string, string][] => {
        const bare = name.replace(/\btype\b/, '').trim();
        return bare === '' ? [] : [[bare, join(dirname(entry), `${from}.d.ts`)]];
      }),
    );
  const importable = new Set(entries.flatMap(exportsOf).map(([name]) => name));
  /** docs/api.md says of these that a program only passes them on. */
  const opaque = [...read('docs/api.md').matchAll(/^\| (`[^|]*) \|.* inside .*may change with any release \|$/gm)].flatMap(
    ([, names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  );

  /** The types of Threadline that the declaration of a name mentions. */
  function mentionedBy(name: string, file: string): string[] {
    const text = read(file).replace(/\/\*[\s\S]*?\*\//g, '');
    const imported = [...text.matchAll(/^import (?:type )?\{([^}]*)\} from '\./gm)].flatMap(([, names = '']) => names.split(','));
    const declared = [...text.matchAll(/^(?:export )?(?:declare )?(?:interface|type|class) (\w+)/gm)].map(([, one = '']) => one);
    const types = [...imported.map((one) => one.replace(/\btype\b/, '').trim()), ...declared];
    const declarations = text.split(/^(?=export |declare |interface |type |import )/m);
    const own = declarations.filter((one) => new RegExp(`^[a-z ]*\\b${name}\\b`).test(one)).join('');
    const words = new Set(own.replace(/'[^']*'|\b\w+\??:|\b\w+(?=\()/g, '').match(/\w+/g));
    return types.filter((type) => words.has(type) && type !== name);
  }

  test.each(['./dist/types/src/index.d.ts', './dist/types/src/provider/index.d.ts'])('%s', (entry) => {
    expect(entries).toContain(entry);
    const ours = exportsOf(entry).filter(([name]) => !opaque.includes(name));
    expect(ours.length).toBeGreaterThan(30);
    const missing = ours.flatMap(([name, file]) => mentionedBy(name, file).map((type) => [type, name] as const));
    expect(missing.filter(([type]) => !importable.has(type)).map(([type, name]) => `${type}, of ${name}`)).toEqual([]);
  });
});
