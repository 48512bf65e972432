// Bundles the command line, the public API and every built-in provider into dist/, which mirrors the source tree two folders deep
// (src/provider/load.ts finds providers beside it). Shared code lands in chunks, so that a command reads only what it needs.
// Packages stay outside, declared in package.json's `dependencies`, where npm shows them and users can update them.
import { execFileSync } from 'node:child_process';
import { chmodSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const entryPoints = [
  'src/cli/main.ts',
  'src/index.ts',
  'src/provider/index.ts',
  'src/provider/runtime.ts',
  'src/testing/index.ts',
  ...globSync('providers/*/index.ts'),
];

/**
 * Packages that every start reads, and that go into the bundle for it (the figures are in ARCHITECTURE.md). They are declared
 * as dependencies all the same, pinned to the version that is inside.
 */
const INLINED = {
  // Its ES modules: what Node would read is CommonJS, in 72 files.
  yaml: './node_modules/yaml/browser/dist/index.js',
  // Node would read 373 files, most of them for what no schema of ours uses.
  typebox: './node_modules/typebox/build/index.mjs',
  // Its parser alone.
  handlebars: './node_modules/handlebars',
};

/** Built-in providers know the host by its package's name. */
const HOST = {
  'threadline/provider': './src/provider/index.ts',
  'threadline/runtime': './src/provider/runtime.ts',
};

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  metafile: true,
  entryPoints,
  outdir: 'dist',
  outbase: '.',
  chunkNames: 'src/chunks/[name]-[hash]',
  bundle: true,
  packages: 'external',
  alias: { ...INLINED, ...HOST },
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  // For the stacks of failures: src/provider/mapped-stack.ts.
  sourcemap: true,
  sourcesContent: false,
});
chmodSync('dist/src/cli/main.js', 0o755);
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', licences(Object.keys(metafile.inputs)));
if (!process.argv.includes('--no-types')) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
}

/** The licences of the packages that went into the bundle; the build fails when one has none. */
function licences(inputs: string[]): string {
  const folders = new Set(inputs.flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Record<string, string>;
    const [file] = globSync(`${folder}/{LICENSE,LICENCE,license,License}*`);
    if (file === undefined) throw new Error(`${name} comes without a licence file`);
    return `${name} ${version} (${license})\n\n${readFileSync(file, 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
