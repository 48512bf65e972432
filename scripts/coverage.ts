// `npm run coverage [TESTS]`: which lines of src/ and providers/ the tests run, those of their child processes included.
// Of all tests, at least 80 % of the lines have to be.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

const tests = process.argv.slice(2);

/** Files of types only: nothing of them runs, and they would count as never run. */
const isTypesOnly = (file: string) =>
  stripTypeScriptTypes(readFileSync(file, 'utf8'))
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .trim() === '';
const left = ['**/*.test.ts', '**/test-*.ts', ...globSync('{src,providers}/**/*.ts').filter(isTypesOnly)];

const options = [
  ...['--all', '--src=src', '--src=providers', '--include=src/**', '--include=providers/**'],
  ...left.map((file) => `--exclude=${file}`),
  ...['--reporter=text', '--reporter=html'],
  ...(tests.length === 0 ? ['--check-coverage', '--lines=80'] : []),
];
const { status } = spawnSync(
  process.execPath,
  [fileURLToPath(import.meta.resolve('c8/bin/c8.js')), ...options, 'npm', 'run', '-s', 'jest', '--', ...tests],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
