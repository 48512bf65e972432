import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, folderWith } from '../support/cli.ts';

const blocksOf = (page: string, language = 'js'): string[] =>
  [...readFileSync(page, 'utf8').matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  );

function linkThreadline(folder: string): void {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules/threadline'), 'dir');
}

test('docs/providers.md shows the example that ships, and its tests', () => {
  const shipped = ['index.js', 'index.test.js'].map((file) =>
    readFileSync(join('examples/threadline-provider-tickets', file), 'utf8'),
  );
  expect(blocksOf('docs/providers.md')).toEqual(shipped);
});

test('the program of docs/api.md runs', () => {
  const [program = ''] = blocksOf('docs/api.md');
  const workflow = `workflow:
  id: t
  steps: [{ name: say, provider: { type: console, with: { message: "{{ alert.host }} is full" } } }]
  outputs: { said: "{{ steps.say.results }}" }
`;
  const folder = folderWith({ 'program.mjs': program, 'triage.yml': workflow });
  linkThreadline(folder);
  // From another folder: the program names its own as the working folder.
  const said = execFileSync(process.execPath, [join(folder, 'program.mjs')], { cwd: '/', encoding: 'utf8', stdio: 'pipe' });
  expect(said).toBe('succeeded {"said":"db-1 is full"}\n');
});

describe('the provider in TypeScript of docs/providers.md', () => {
  const [, provider = ''] = blocksOf('docs/providers.md', 'ts');
  const step = (day: string) => `workflow:
  id: t
  steps: [{ name: who, provider: { type: rota, with: { rota: rota.yaml, day: ${day} } } }]
`;
  const files = {
    'mine/rota/index.ts': provider,
    'rota.yaml': 'friday: Ada\n',
    'threadline.config.yaml': 'providers: [./mine]\n',
    'package.json': '{ "type": "module" }',
  };

  test('runs as it stands', async () => {
    const folder = folderWith({ ...files, 'on.yml': step('friday'), 'off.yml': step('monday') });
    const on = await cli(['run', 'on.yml', '--format', 'json'], { folder });
    expect(JSON.parse(on.stdout).steps.who.results).toEqual({ day: 'friday', name: 'Ada' });
    const off = await cli(['run', 'off.yml', '--format', 'json'], { folder });
    expect(JSON.parse(off.stdout).steps.who.error).toMatchObject({ code: 'nobody_on_call' });
  });

  test('has no mistake of types, and the types find one', () => {
    const mistaken = provider.replace('return { day, name }', 'return { day, name: 7 }');
    const folder = folderWith({ ...files, 'mine/mistaken/index.ts': mistaken });
    linkThreadline(folder);
    const checked = (name: string) => {
      const options = '--noEmit --strict --target es2023 --module nodenext --erasableSyntaxOnly --skipLibCheck';
      const ours = ['--customConditions', 'threadline-source', '--allowImportingTsExtensions', '--types', 'node'];
      const args = ['--ignoreConfig', ...options.split(' '), ...ours, '--typeRoots', resolve('node_modules/@types')];
      const { stdout } = spawnSync(
        process.execPath,
        [resolve('node_modules/typescript/bin/tsc'), ...args, `mine/${name}/index.ts`],
        {
          cwd: folder,
          encoding: 'utf8',
        },
      );
      return stdout;
    };
    expect(checked('rota')).toBe('');
    expect(checked('mistaken')).toMatch(
      /^mine\/mistaken\/index\.ts.* error TS2322: Type 'number' is not assignable to type 'string'/,
    );
  });
});

describe('the pages name what can be imported', () => {
  /** The names that a module exports; types as well. */
  const exportsOf = (file: string): string[] =>
    [...readFileSync(file, 'utf8').matchAll(/^export (?:type )?\{([^}]*)\}/gm)]
      .flatMap(([, names = '']) => names.split(','))
      .map((name) => name.replace(/\btype\b/, '').trim())
      .filter((name) => name !== '');

  /** What stands in backticks in the first column of the tables of these sections. */
  const firstColumn = (page: string, sections: RegExp): string[] =>
    readFileSync(page, 'utf8')
      .split(/^## /m)
      .filter((section) => sections.test(section))
      .flatMap((section) => [...section.matchAll(/^\| (`[^|]*) \|/gm)])
      .flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)/g)].map(([, name = '']) => name));

  test('of `threadline`: docs/api.md', () => {
    expect(firstColumn('docs/api.md', /^(?!Options of)/).sort()).toEqual(exportsOf('src/index.ts').sort());
  });

  test.each(['src/provider/index.ts', 'src/testing/index.ts'])('of %s: docs/providers.md', (file) => {
    const page = readFileSync('docs/providers.md', 'utf8');
    const names = exportsOf(file);
    expect(names).toContain(file.includes('testing') ? 'testProvider' : 'defineProvider');
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
  });
});
