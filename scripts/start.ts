// `npm start`: triages the alert of workflows/. Asks OpenAI when there is a key, else the offline emulator.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const CLI = 'dist/src/cli/main.js';
const TRIAGE = ['run', 'workflows/alert-triage.yml', '--alert', 'workflows/alert-triage.alert.json'];

process.chdir(`${import.meta.dirname}/..`);
// Ctrl-C reaches the run as well; this process waits until the run has cancelled what it started.
process.on('SIGINT', () => {});
if (existsSync('.env')) process.loadEnvFile('.env');
const given = process.argv.slice(2);
const isOffline = !process.env.OPENAI_API_KEY || given.includes('--offline');
process.stderr.write(
  isOffline
    ? 'OFFLINE: answers come from workflows/alert-triage.rules.yml, not from a model. Set OPENAI_API_KEY to ask one.\n'
    : 'ONLINE, as OPENAI_API_KEY is set: answers come from a model and cost money. --offline asks none.\n',
);
if (!existsSync(CLI)) execFileSync(process.execPath, ['scripts/build.ts', '--no-types'], { stdio: ['ignore', 2, 2] });
const run = spawnSync(process.execPath, [CLI, ...TRIAGE, ...(isOffline ? ['--offline'] : []), ...given], { stdio: 'inherit' });
process.exitCode = run.status ?? 1;
