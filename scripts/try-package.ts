// Tries what npm would publish, with the Node that runs this: the package is packed and installed into an empty project, and a
// workflow calls a provider in TypeScript and one in JavaScript. `npm run floor` does it on the lowest Node that is supported.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const FILES = {
  'package.json': '{ "name": "trial", "private": true, "type": "module" }\n',
  'threadline.config.yaml': 'providers: [./mine, threadline-provider-tickets]\n',
  'mine/shout/index.ts': `import { Closed, defineProvider, Type } from 'threadline/provider';

interface Said { text: string }

export default defineProvider({
  description: 'Says it loudly.',
  config: Closed({}),
  params: Closed({ text: Type.String() }),
  run: async ({ text }): Promise<{ text: string }> => ({ text: text.toUpperCase() } satisfies Said),
});
`,
  'mine/whisper/index.js': `import { Closed, defineProvider, Type } from 'threadline/provider';

export default defineProvider({
  description: 'Says it quietly.',
  config: Closed({}),
  params: Closed({ text: Type.String() }),
  run: async ({ text }) => text.toLowerCase(),
});
`,
  'w.yml': `workflow:
  id: w
  steps:
    - { name: say, provider: { type: shout, with: { text: "{{ inputs.what }}" } } }
    - { name: whisper, provider: { type: whisper, with: { text: "{{ steps.say.results.text }}" } } }
  inputs: [{ name: what, default: fire }]
  outputs: { said: "{{ steps.say.results.text }}", whispered: "{{ steps.whisper.results }}" }
`,
};

const folder = mkdtempSync(join(tmpdir(), 'threadline-trial-'));
const inFolder = (command: string, ...args: string[]) =>
  execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
const threadline = (...args: string[]) =>
  execFileSync(process.execPath, [join(folder, 'node_modules/threadline/dist/src/cli/main.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });

try {
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    shell: process.platform === 'win32',
  });
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  inFolder('npm', 'install', '--silent', '--no-audit', '--no-fund', `./threadline-${version}.tgz`);
  threadline('init', '--provider', 'tickets');
  inFolder('npm', 'install', '--silent', '--no-audit', '--no-fund', './threadline-provider-tickets');
  const listed = threadline('providers');
  assert.match(listed, /^shout .*Says it loudly/m);
  assert.match(listed, /^tickets .*Opens a ticket/m);
  const report = JSON.parse(threadline('run', 'w.yml', '--format', 'json'));
  assert.deepEqual(report.outputs, { said: 'FIRE', whispered: 'fire' });
  execFileSync(process.execPath, ['--test'], { cwd: join(folder, 'threadline-provider-tickets'), stdio: 'inherit' });
  process.stdout.write(
    `The package works on Node ${process.versions.node}, with a provider in TypeScript and one in JavaScript.\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
