import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, test } from '@jest/globals';

const COPIED = ['package.json', 'scripts', 'src', 'providers', 'workflows'];

let folder = '';
let child: ChildProcess | undefined;

afterEach(async () => {
  if (child?.exitCode === null) {
    child.kill();
    await once(child, 'close');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Starts what `npm run dev` starts, in a copy of the project. */
function startDev(): Record<'stdout' | 'stderr', (text: string) => Promise<void>> {
  folder = mkdtempSync(join(tmpdir(), 'threadline-dev-'));
  for (const name of COPIED) cpSync(name, join(folder, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { dev: string } };
  const [, ...args] = scripts.dev.split(' ');
  const dev = spawn(process.execPath, args, { cwd: folder, env: { PATH: process.env.PATH } });
  child = dev;
  return { stdout: reader(dev, dev.stdout), stderr: reader(dev, dev.stderr) };
}

/** Resolves once the text has come, behind what was waited for before. */
function reader(dev: ChildProcess, stream: Readable): (text: string) => Promise<void> {
  let unread = '';
  let look = () => {};
  stream.setEncoding('utf8').on('data', (text: string) => {
    unread += text;
    look();
  });
  return (text) =>
    new Promise((done, fail) => {
      look = () => {
        const at = unread.indexOf(text);
        if (at < 0) return;
        unread = unread.slice(at + text.length);
        done();
      };
      dev.once('close', () => fail(new Error(`ended without: ${text}\n${unread}`)));
      look();
    });
}

const save = (file: string, change: (text: string) => string) => {
  const path = join(folder, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
};
const say = (words: string) => (code: string) => `${code}\nprocess.stderr.write('${words}\\n');\n`;

test('P10: `npm run dev` runs the quick start, and again when a workflow, a provider or a source is saved', async () => {
  const { stdout, stderr } = startDev();
  await stderr('info: Page on-call: Logs of the api');
  await stdout('Waiting for file changes');

  save('workflows/quickstart.yml', (text) => text.replace('Page on-call', 'Wake up the on-call'));
  await stderr('info: Wake up the on-call: Logs of the api');
  await stdout('Waiting for file changes');

  save('providers/console/index.ts', say('a saved provider'));
  await stderr('a saved provider');
  await stdout('Waiting for file changes');

  save('src/cli/main.ts', say('a saved source'));
  await stderr('a saved source');
}, 60_000);
