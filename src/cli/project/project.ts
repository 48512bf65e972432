import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RunStore } from '../../journal/run-store.ts';
import { placeText } from '../../language/diagnostic.ts';
import { parseYaml } from '../../language/parse.ts';
import { type Report, reportOn } from '../../language/report.ts';
import type { LoadOptions } from '../../load/load-workflow.ts';
import { openRegistry, type ProviderRegistry } from '../../provider/load.ts';
import { type Settings, SettingsSchema } from '../../run/settings.ts';
import { type ErrorCode, ThreadlineError } from '../../shared/errors/errors.ts';
import { withFileError } from '../../shared/errors/file-error.ts';
import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { parseEnv } from '../../shared/node/node-util.ts';
import { checkSchema } from '../../shared/schema/check-schema.ts';

/** Names in the working folder; the first existing file counts. */
const CONFIG_FILES = ['threadline.config.yaml', 'threadline.config.yml'];

/** Configuration of the working folder: settings, providers, environment. */
export interface Project {
  settings: Settings;
  registry: ProviderRegistry;
  environment: Record<string, string | undefined>;
}

/** `.env`, then each --env-file, then the shell: the later wins. */
export function openProject(envFiles: readonly string[] = []): Project {
  const file = CONFIG_FILES.find((name) => existsSync(name));
  const settings = file === undefined ? {} : (readChecked(file, SettingsSchema) as Settings);
  return { settings, registry: openRegistry(settings.providers), environment: readEnvironment(envFiles) };
}

export function readEnvironment(envFiles: readonly string[]): Record<string, string | undefined> {
  const files = [...(existsSync('.env') ? ['.env'] : []), ...envFiles];
  return Object.assign({}, ...files.map((file) => parseEnv(readText(file))), process.env) as Record<string, string | undefined>;
}

/** `providers.yaml` if it is there, or the file that THREADLINE_PROVIDERS_FILE, KEEP_PROVIDERS_FILE or KEEP_PROVIDERS names. */
export function providersFile(environment: Project['environment']): string | undefined {
  const keep = environment.KEEP_PROVIDERS;
  const path = keep?.trim().startsWith('{') ? undefined : keep;
  const named = environment.THREADLINE_PROVIDERS_FILE ?? environment.KEEP_PROVIDERS_FILE ?? path;
  return named ?? (existsSync('providers.yaml') ? 'providers.yaml' : undefined);
}

export function readProvidersFile(environment: Project['environment']): JsonObject {
  const file = providersFile(environment);
  if (file === undefined) return {};
  const data = readData(file);
  if (!isObject(data)) throw new ThreadlineError('invalid_config', `${file} must hold a map of provider configurations.`);
  return isObject(data.providers) ? data.providers : data;
}

/** Options for loading the folder's workflows: the files of actions for `use`. */
export function loadOptions(environment: Project['environment']): LoadOptions {
  const named = environment.THREADLINE_ACTIONS_FILE ?? environment.KEEP_ACTIONS_FILE;
  const actionsFile = named ?? ['actions.yaml', 'actions.yml'].find((name) => existsSync(name));
  return actionsFile === undefined ? {} : { actionsFile };
}

/** Files with data that outlives a run. */
export const stateFolder = (environment: Project['environment']): string => environment.THREADLINE_HOME || '.threadline';

/** Stores and leases for runs. Runs with the emulator have their own, because their messages are not real conversations. */
export function stateFiles(environment: Project['environment'], isOffline: boolean) {
  const folder = stateFolder(environment);
  return {
    alertStore: join(folder, 'alerts.db'),
    threadStore: join(folder, isOffline ? 'threads-offline.db' : 'threads.db'),
    locks: join(folder, 'locks.db'),
  };
}

/** Opens the history of runs, from which they resume. */
export async function openHistory({ environment, settings }: Project): Promise<RunStore> {
  const { openRunStore } = await import('../../journal/sqlite.ts');
  return openRunStore(join(stateFolder(environment), 'runs.db'), { survives: settings.journal?.survives ?? 'power-loss' });
}

/** The engine that executes runs, with its address. */
export const engineOf = (
  { engine }: Settings,
  chosen?: string,
): { type: 'local' | 'restate'; ingress: string; admin: string } => ({
  type: (chosen as 'local' | 'restate' | undefined) ?? engine?.type ?? 'local',
  ingress: engine?.ingress ?? 'http://127.0.0.1:8080',
  admin: engine?.admin ?? 'http://127.0.0.1:9070',
});

export function readText(file: string): string {
  if (file === '-') return withFileError('file_not_found', 'Standard input cannot be read', () => readFileSync(0, 'utf8'));
  const hint = `It was looked for at ${resolve(file)}.`;
  return withFileError('file_not_found', `The file ${file} cannot be read`, () => readFileSync(file, 'utf8'), hint);
}

/** A YAML or JSON file as data. Throws with file, line and column. */
export function readData(file: string, code: ErrorCode = 'invalid_config'): Json {
  const { data, problems } = parseYaml(readText(file), file);
  const problem = problems.find((one) => one.severity === 'error');
  if (!problem) return data;
  const { line, column } = problem.place;
  throw new ThreadlineError(code, `${file === '-' ? 'standard input' : file}:${line}:${column}: ${problem.message}.`, {
    ...(problem.hint ? { hint: problem.hint } : {}),
  });
}

/** Reads a file and checks it against a schema; reports every mistake with its place. */
export function readChecked(file: string, schema: object): Json {
  const parsed = parseYaml(readText(file), file);
  const report = reportOn(parsed);
  if (parsed.data !== null) report.issues([], checkSchema(schema, parsed.data));
  refuseMistakes(file, report);
  return parsed.data ?? {};
}

/** Throws `invalid_config` when something was found in the file. */
export function refuseMistakes(file: string, { diagnostics }: Report): void {
  const errors = diagnostics.filter((one) => one.severity === 'error');
  if (errors.length === 0) return;
  const lines = errors.map(({ place, message, hint }) => `${placeText(place)}: ${message}.${hint ? ` ${hint}` : ''}`);
  throw new ThreadlineError('invalid_config', `${file} has mistakes.\n  ${lines.join('\n  ')}`);
}
