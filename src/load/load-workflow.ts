import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { type CompiledFile, compileFile } from '../language/compile.ts';
import { type Diagnostic, hasErrors, placeText, sortDiagnostics } from '../language/diagnostic.ts';
import { type ParsedFile, parseYaml } from '../language/parse.ts';
import type { ParamsUse, ProviderSchemas } from '../language/step-context.ts';
import type { FileUse } from '../language/value-context.ts';
import type { Plan } from '../plan/plan.ts';
import type { ParamsProblem, Provider } from '../provider/contract.ts';
import { INSTEAD, KNOWN_PROVIDERS } from '../provider/keep-provider-names.ts';
import type { ProviderRegistry } from '../provider/load.ts';
import { ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import { withFileError } from '../shared/errors/file-error.ts';
import { isObject, type Json } from '../shared/json/json.ts';
import type { SchemaNode } from '../shared/schema/schema.ts';
import { checkConfigurations } from './check-configurations.ts';
import { isReadable, NamedFiles } from './named-files.ts';

export interface LoadedWorkflow {
  file: string;
  /** There when the file holds one workflow, and it and every file that it names have no errors. */
  plan: Plan | undefined;
  /** Workflows of the file, mostly one. Empty if there are errors. */
  plans: Plan[];
  diagnostics: Diagnostic[];
  /** The texts that diagnostics point into, by file. */
  sources: ReadonlyMap<string, string>;
}

export interface LoadOptions {
  /** Folder that contains all files and that paths are relative to; default: the working folder. */
  workingFolder?: string;
  /** A file of reusable actions, for `use`. */
  actionsFile?: string;
  /** Workflow and action files that are not read from the disk: their texts, by absolute path. */
  texts?: ReadonlyMap<string, string>;
  /** `providers.yaml` and the environment, checked for the calls that use configurations of theirs. */
  configurations?: { file?: string | undefined; environment: Readonly<Record<string, string | undefined>> };
  /** Tells whether a stub answers for a step's provider, which then need not be known. */
  isStubbed?(provider: string, step: string): boolean;
}

/** Reads and compiles a workflow file with everything that it names. Rejects only when the file itself cannot be read. */
export async function loadWorkflow(file: string, registry: ProviderRegistry, options: LoadOptions = {}): Promise<LoadedWorkflow> {
  const { actionsFile } = options;
  const reading: Reading = { texts: options.texts ?? new Map(), workingFolder: resolve(options.workingFolder ?? '.') };
  const actionFiles = actionsFile === undefined ? [] : [parseYaml(readText(actionsFile, reading), actionsFile)];
  const units = await compileAll(file, registry, actionFiles, { ...options, ...reading });
  const configurations = options.configurations && readConfigurations(options.configurations, reading);
  const found = [...actionFiles, ...(configurations?.file ? [configurations.file] : [])].flatMap(({ problems }) => problems);
  const sources = new Map(actionFiles.map(({ file: name, text }) => [name, text]));
  for (const unit of units.values()) {
    const files = new NamedFiles(unit.parsed.file, reading.workingFolder, (path) => units.get(path)?.compiled.drafts[0]);
    const checked = providerChecks(unit, files);
    // The provider has reported the place itself, such as a value that it takes for an id.
    const said = new Set(checked.map((one) => placeText(one.place)));
    const { compiled, parsed } = unit;
    const folder = dirname(resolve(reading.workingFolder, parsed.file));
    const given = ({ file: name }: FileUse) => reading.texts.has(resolve(folder, name));
    const named = [...compiled.files, ...compiled.workflows.filter((use) => !given(use))];
    const missing = missingFiles(named, folder, reading.workingFolder);
    found.push(...compiled.diagnostics, ...checked, ...missing.filter((one) => !said.has(placeText(one.place))));
    found.push(...linkWorkflows(unit, units, folder));
    if (configurations) found.push(...checkConfigurations(compiled.configs, unit.providers, configurations));
    for (const [name, text] of [[parsed.file, parsed.text] as const, ...files.sources]) sources.set(name, text);
  }
  const diagnostics = sortDiagnostics(found, file);
  const plans = hasErrors(diagnostics) ? [] : (units.get(resolve(reading.workingFolder, file))?.compiled.plans ?? []);
  return { file, plan: plans.length === 1 ? plans[0] : undefined, plans, diagnostics, sources };
}

/** Reads the texts of files. */
interface Reading {
  texts: ReadonlyMap<string, string>;
  /** An absolute path. */
  workingFolder: string;
}

/** A file of workflows, compiled. */
interface Unit {
  parsed: ParsedFile;
  compiled: CompiledFile;
  providers: ReadonlyMap<string, Provider>;
}

type Units = ReadonlyMap<string, Unit>;

/** The file and the files that it calls, directly or indirectly, by absolute path. */
async function compileAll(
  file: string,
  registry: ProviderRegistry,
  actionFiles: readonly ParsedFile[],
  { isStubbed, ...reading }: Reading & Pick<LoadOptions, 'isStubbed'>,
): Promise<Units> {
  const units = new Map<string, Unit>();
  const { texts, workingFolder } = reading;
  const wanted = new Map([[resolve(workingFolder, file), file]]);
  for (const [absolute, name] of wanted) {
    const parsed = parseYaml(readText(name, reading), name);
    const types = new Set([parsed, ...actionFiles].flatMap(({ data }) => [...providerTypes(data)]));
    const { providers, broken } = await loadProviders(types, registry);
    const schemas = new Map([...providers].map(([type, provider]) => [type, schemasOf(provider)]));
    const compiled = compileFile(parsed, {
      providers: schemas,
      installed: registry.names(),
      broken,
      known: KNOWN_PROVIDERS,
      instead: INSTEAD,
      ...(isStubbed ? { isStubbed } : {}),
      actionFiles,
    });
    units.set(absolute, { parsed, compiled, providers });
    const folder = dirname(absolute);
    for (const { file: called } of compiled.workflows) {
      const path = resolve(folder, called);
      if (!wanted.has(path) && (texts.has(path) || isReadable(path, [folder, workingFolder])))
        wanted.set(path, relative(workingFolder, path));
    }
  }
  return units;
}

/** Gives each plan the plans that it calls. */
function linkWorkflows({ compiled }: Unit, units: Units, folder: string): Diagnostic[] {
  return compiled.workflows.flatMap(({ file, place }): Diagnostic[] => {
    const called = units.get(resolve(folder, file))?.compiled;
    const [plan, second] = called?.plans ?? [];
    for (const caller of compiled.plans) if (plan) (caller.workflows as Map<string, Plan>).set(file, plan);
    if (!second) return [];
    const hint = 'Put the one that is called into a file of its own.';
    return [{ severity: 'error', code: 'invalid-file', message: `${file} holds more than one workflow`, hint, place }];
  });
}

function readText(file: string, { texts, workingFolder }: Reading): string {
  const path = resolve(workingFolder, file);
  const given = texts.get(path);
  if (given !== undefined) return given;
  const failed = `The file ${file} cannot be read`;
  return withFileError('file_not_found', failed, () => readFileSync(path, 'utf8'), `It was looked for at ${path}.`);
}

function readConfigurations({ file, environment }: NonNullable<LoadOptions['configurations']>, reading: Reading) {
  return { file: file === undefined ? undefined : parseYaml(readText(file, reading), file), environment };
}

/** Every `provider: {type}` in the tree, including those of function tools. */
function providerTypes(data: Json, found = new Set<string>()): Set<string> {
  if (Array.isArray(data)) for (const item of data) providerTypes(item, found);
  else if (isObject(data)) {
    if (isObject(data.provider) && typeof data.provider.type === 'string') found.add(data.provider.type);
    if (isObject(data.authentication) && typeof data.type === 'string') found.add(data.type);
    for (const item of Object.values(data)) providerTypes(item, found);
  }
  return found;
}

/** Collects providers that fail to load. They are reported where they are used, and do not affect other providers. */
async function loadProviders(types: Iterable<string>, registry: ProviderRegistry) {
  const providers = new Map<string, Provider>();
  const broken = new Map<string, ThreadlineError>();
  for (const type of types) {
    const provider = await registry.load(type).catch((thrown: unknown) => toThreadlineError(thrown, 'invalid_config'));
    if (provider instanceof ThreadlineError) broken.set(type, provider);
    else if (provider) providers.set(type, provider);
  }
  return { providers, broken };
}

function missingFiles(files: readonly FileUse[], folder: string, workingFolder: string): Diagnostic[] {
  return files
    .filter(({ file }) => !/[*?[\]{}]/.test(file) && !isReadable(resolve(folder, file), [folder, workingFolder]))
    .map(({ file, place }) => ({
      severity: 'error',
      code: 'missing-file',
      message: existsSync(resolve(folder, file)) ? `${file} is not a file inside the working folder` : `there is no file ${file}`,
      hint: `Paths are relative to the workflow's folder: looked for ${resolve(folder, file)}.`,
      place,
    }));
}

function providerChecks({ compiled, providers }: Unit, files: NamedFiles): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const use of compiled.params) {
    for (const problem of providers.get(use.provider)?.check?.(use.params, files) ?? []) {
      // A mistyped key may be the missing one, so missing keys cannot be reported.
      const isUnsure = problem.file === undefined && problem.path.length === 0 && !use.isComplete;
      if (!isUnsure) found.push(diagnosticOf(problem, use, files));
    }
  }
  for (const { problems } of files.parsed.values()) found.push(...problems);
  return found;
}

function diagnosticOf(problem: ParamsProblem, use: ParamsUse, files: NamedFiles): Diagnostic {
  const { file, path, part, message, hint, severity = 'error' } = problem;
  const named = file === undefined ? undefined : files.open(file);
  const place = named ? named.locate(path, part) : use.locate(path, part);
  const code = severity === 'note' ? 'provider-note' : named ? 'invalid-file' : 'invalid-value';
  return { severity, code, message, ...(hint ? { hint } : {}), place };
}

/** The schemas of a provider, as data. */
const schemasOf = (provider: Provider): ProviderSchemas => ({
  params: provider.params as SchemaNode,
  config: provider.config as SchemaNode,
  results: provider.results && ((params) => provider.results?.(params) as SchemaNode | undefined),
  errors: Object.keys(provider.errors ?? {}),
  gates: provider.gates?.bind(provider),
});
