import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { withFileError } from '../../shared/errors/file-error.ts';
import { FIRST_FILES } from '../project/first-files.ts';
import { providerFiles } from '../project/provider-files.ts';
import type { Command } from '../terminal/command-line.ts';

export const initCommand: Command = {
  name: 'init',
  summary: 'write a first workflow, its alert and its offline rules into a folder, or a package for a provider of your own',
  argument: { name: 'folder', description: 'where to write; default: this folder' },
  options: {
    provider: { value: 'name', description: 'write a provider package instead, with its tests' },
  },
  async run(values, [folder = '.']) {
    const provider = values.text('provider');
    if (provider !== undefined) await initProvider(provider, folder);
    else initWorkflow(folder);
    return 0;
  },
};

function initWorkflow(folder: string): void {
  const [workflow, alert] = write(FIRST_FILES, folder);
  process.stderr.write(`\nTry it, without a key:\n  threadline run ${workflow} --alert ${alert} --offline\n`);
}

async function initProvider(name: string, folder: string): Promise<void> {
  const { openRegistry } = await import('../../provider/load.ts');
  if (openRegistry().names().includes(name))
    throw new ThreadlineError('invalid_usage', `A provider called \`${name}\` is built in.`, { hint: 'Choose another name.' });
  const [first = ''] = write(providerFiles(name), folder);
  const written = dirname(first);
  process.stderr.write(`
Run its tests:
  npm install threadline
  npm test --prefix ${written}

Use it: install it, and name it in threadline.config.yaml.
  npm install ./${written}
  providers: [threadline-provider-${name}]
`);
}

/** Writes the files; answers with their paths. Throws `invalid_usage`, before it writes any, where one is there already. */
function write(contents: Readonly<Record<string, string>>, folder: string): string[] {
  const files = Object.entries(contents).map(([name, text]): [string, string] => [join(folder, name), text]);
  const there = files.map(([path]) => path).filter((path) => existsSync(path));
  if (there.length > 0)
    throw new ThreadlineError('invalid_usage', `Already there: ${there.join(', ')}.`, {
      hint: 'Nothing was written. Name another folder: `threadline init FOLDER`.',
    });
  for (const [path, text] of files) {
    withFileError('invalid_usage', `\`${path}\` cannot be written`, () => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    });
    process.stderr.write(`wrote ${path}\n`);
  }
  return files.map(([path]) => path);
}
