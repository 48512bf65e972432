// Bundles the command line, the public API and every built-in provider into dist/, which mirrors the source tree two folders deep
// (src/provider/load.ts finds providers beside it). Shared code lands in chunks, so that a command reads only what it needs.
import { execFileSync } from 'node:child_process';
import { chmodSync, globSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const entryPoints = ['src/cli/main.ts', 'src/index.ts', 'src/provider/index.ts', ...globSync('providers/*/index.ts')];

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints,
  outdir: 'dist',
  outbase: '.',
  chunkNames: 'src/chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  conditions: ['threadline-source'],
  // Its ES modules are hoisted and shaken; the CommonJS build that Node would choose costs milliseconds at each start.
  alias: { yaml: './node_modules/yaml/browser/dist/index.js' },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
});
chmodSync('dist/src/cli/main.js', 0o755);
if (!process.argv.includes('--no-types')) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
}
