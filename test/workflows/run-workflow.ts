import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReceivedRequest, Rule } from '../../src/emulator/index.ts';
import { parseYaml } from '../../src/language/parse.ts';
import type { RunReport } from '../../src/plan/event.ts';
import type { Json, JsonObject } from '../../src/shared/json/json.ts';
import { startCheckedEmulator } from '../support/checked-emulator.ts';
import { type CliResult, cli, folderWith } from '../support/cli.ts';

export const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'workflows');

/** Every workflow of the folder, so that a new one is tested without a word here. */
export const WORKFLOWS: string[] = readdirSync(FOLDER)
  .filter((file) => /^[^.]+\.yml$/.test(file) && /^workflow:/m.test(readFileSync(join(FOLDER, file), 'utf8')))
  .map((file) => file.replace(/\.yml$/, ''));

/** Runs the built command line in the project's folder, as if nothing had run before. */
export const runCli = (args: string[], env: Record<string, string> = {}, stdin = '') =>
  cli(args, { folder: ROOT, env: { NO_COLOR: '1', THREADLINE_HOME: folderWith({}), ...env }, stdin });

export const fileOf = (workflow: string, ending: string) => `workflows/${workflow}.${ending}`;

/** A workflow starts with the alert and the inputs that stand beside it. */
export function startOf(workflow: string): string[] {
  const [alert, inputs] = [fileOf(workflow, 'alert.json'), fileOf(workflow, 'inputs.yml')];
  return [
    fileOf(workflow, 'yml'),
    ...(existsSync(join(ROOT, alert)) ? ['--alert', alert] : []),
    ...(existsSync(join(ROOT, inputs)) ? ['--input-file', inputs] : []),
  ];
}

export const alertOf = (workflow: string): string => readFileSync(join(ROOT, fileOf(workflow, 'alert.json')), 'utf8');

const rulesOf = (workflow: string): Rule[] => {
  const file = fileOf(workflow, 'rules.yml');
  const { data } = parseYaml(readFileSync(join(ROOT, file), 'utf8'), file);
  return (data as unknown as { rules: Rule[] }).rules;
};

export interface Watched extends CliResult {
  report: RunReport;
  /** What the model was asked: bodies of POST /responses, in order. */
  asked: JsonObject[];
  /** What of the traffic does not fit OpenAI's document. */
  violations: string[];
}

interface WatchedOptions {
  args?: string[];
  rules?: Rule[];
  stdin?: string;
}

/** Runs a workflow against an emulator that stands outside of it. */
export async function watch(workflow: string, { args = startOf(workflow), rules, stdin }: WatchedOptions = {}): Promise<Watched> {
  const emulator = await startCheckedEmulator({ rules: rules ?? rulesOf(workflow) });
  try {
    const environment = { OPENAI_API_KEY: 'sk-watched', OPENAI_BASE_URL: emulator.url, OPENAI_API_MODE: 'responses' };
    const ended = await runCli(['run', ...args, '--format', 'json'], environment, stdin);
    const report = JSON.parse(ended.stdout) as RunReport;
    return { ...ended, report, asked: emulator.requests.filter(asksModel).map(bodyOf), violations: emulator.violations };
  } finally {
    await emulator.close();
  }
}

const asksModel = ({ method, path }: ReceivedRequest) => method === 'POST' && path === '/responses';
const bodyOf = ({ body }: ReceivedRequest) => body as JsonObject;

/** The results of a step, for `toMatchObject` and for reading fields. */
export function resultsOf(report: RunReport, step: string): Record<string, Json> {
  return report.steps[step]?.results as Record<string, Json>;
}
