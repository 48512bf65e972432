import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CliOptions, type CliResult, cli, type Files, folderWith } from '../support/cli.ts';

/** Writes a line for each call, and kills its own process once, at the step with `dies`: before or after the line. */
const PROVIDER = `import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
const dieOnce = (when) => {
  if (!when || existsSync('died')) return;
  writeFileSync('died', '');
  process.kill(process.pid, 'SIGKILL');
};
const fillOnce = () => {
  if (existsSync('filled')) return;
  writeFileSync('filled', '');
  const database = new DatabaseSync('.threadline/runs.db');
  for (const [name, what] of [['full', 'INSERT ON entries'], ['full_too', 'UPDATE ON runs']])
    database.exec(\`CREATE TRIGGER \${name} BEFORE \${what} BEGIN SELECT RAISE(ABORT, 'there is no room'); END\`);
  database.close();
};
export default {
  description: 'Leaves a line.',
  config: { type: 'object', properties: { token: { type: 'string' } }, additionalProperties: false },
  params: { type: 'object', additionalProperties: true },
  async run({ says, dies, fails, fills, gives }, { idempotencyKey }) {
    dieOnce(dies === 'before');
    appendFileSync('lines', idempotencyKey + '\\n');
    if (fills) fillOnce();
    dieOnce(dies === 'after');
    if (fails && !existsSync('repaired')) throw Object.assign(new Error('it failed'), { retryable: true });
    return gives ?? { says: says ?? null };
  },
};
`;

export const folderOf = (workflow: string, files: Files = {}): string =>
  folderWith({
    'threadline.config.yaml': 'providers: [providers]\n',
    'providers/line/index.mjs': PROVIDER,
    'w.yml': workflow,
    ...files,
  });

export const line = (name: string, params: object = {}, more = ''): string =>
  `    - { name: ${name}, ${more ? `${more}, ` : ''}provider: { type: line, with: ${JSON.stringify(params)} } }\n`;

export const workflow = (steps: string, more = ''): string => `workflow:\n  id: w\n${more}  steps:\n${steps}`;

/** Starts or resumes the run `r1`. */
export const go = (folder: string, args: string[] = [], options: CliOptions = {}): Promise<CliResult> =>
  cli(['run', 'w.yml', '--run-id', 'r1', '--format', 'json', ...args], { ...options, folder });

/** The paths of the calls, in order. */
export function linesOf(folder: string): string[] {
  const file = join(folder, 'lines');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((key) => key.replace(/^[^/]*\//, ''));
}
