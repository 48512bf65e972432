import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { FIRST_FILES } from '../project/first-files.ts';
import type { Command } from '../terminal/command-line.ts';

export const initCommand: Command = {
  name: 'init',
  summary: 'write a first workflow, its alert and its offline rules into a folder',
  argument: { name: 'folder', description: 'where to write; default: this folder' },
  options: {},
  async run(_values, [folder = '.']) {
    init(folder);
    return 0;
  },
};

function init(folder: string): void {
  const files = Object.entries(FIRST_FILES).map(([name, text]): [string, string] => [join(folder, name), text]);
  const there = files.map(([path]) => path).filter((path) => existsSync(path));
  if (there.length > 0)
    throw new ThreadlineError('invalid_usage', `Already there: ${there.join(', ')}.`, {
      hint: 'Nothing was written. Name another folder: `threadline init FOLDER`.',
    });
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    process.stderr.write(`wrote ${path}\n`);
  }
  const [workflow, alert] = files.map(([path]) => path);
  process.stderr.write(`\nTry it, without a key:\n  threadline run ${workflow} --alert ${alert} --offline\n`);
}
