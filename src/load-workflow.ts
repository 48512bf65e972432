import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { ThreadlineError } from './errors.ts';
import { isObject, type Json } from './json.ts';
import { type CompiledWorkflow, compileWorkflow } from './language/compile.ts';
import type { ProviderSchemas } from './language/compile-step.ts';
import { type Diagnostic, hasErrors, placeText, sortDiagnostics } from './language/diagnostic.ts';
import { type ParsedFile, parseYaml } from './language/parse.ts';
import type { Plan } from './plan.ts';
import type { CheckFiles, Provider } from './provider/contract.ts';
import type { ProviderRegistry } from './provider/load.ts';
import { liesInside } from './provider/workflow-file.ts';
import type { SchemaNode } from './schema.ts';

export interface LoadedWorkflow {
  file: string;
  /** There when the file, and every file that it names, has no errors. */
  plan: Plan | undefined;
  diagnostics: Diagnostic[];
  /** The texts that diagnostics point into, by file. */
  sources: ReadonlyMap<string, string>;
}

/** Reads and compiles a workflow file with everything that it names. Rejects only when the file itself cannot be read. */
export async function loadWorkflow(file: string, registry: ProviderRegistry): Promise<LoadedWorkflow> {
  const parsed = parseYaml(readText(file), file);
  const providers = await loadProviders(providerTypes(parsed.data), registry);
  const schemas = new Map([...providers].map(([name, provider]) => [name, schemasOf(provider)]));
  const compiled = compileWorkflow(parsed, schemas, registry.names());
  const files = new NamedFiles(file);
  const checked = providerChecks(compiled, parsed, providers, files);
  // A provider that knows better what stands there, such as an id, has said it.
  const said = new Set(checked.map((one) => placeText(one.place)));
  const missing = missingFiles(compiled, parsed).filter((one) => !said.has(placeText(one.place)));
  const diagnostics = sortDiagnostics([...compiled.diagnostics, ...missing, ...checked]);
  const sources = new Map([[file, parsed.text], ...files.sources]);
  return { file, plan: hasErrors(diagnostics) ? undefined : compiled.plan, diagnostics, sources };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ThreadlineError('file_not_found', `The file ${file} cannot be read: ${(cause as Error).message.split(',')[0]}.`, {
      cause,
    });
  }
}

/** Every `provider: {type}` in the tree, those of an assistant's functions too. */
function providerTypes(data: Json, found = new Set<string>()): Set<string> {
  if (Array.isArray(data)) for (const item of data) providerTypes(item, found);
  else if (isObject(data)) {
    if (isObject(data.provider) && typeof data.provider.type === 'string') found.add(data.provider.type);
    if (isObject(data.authentication) && typeof data.type === 'string') found.add(data.type);
    for (const item of Object.values(data)) providerTypes(item, found);
  }
  return found;
}

async function loadProviders(types: Iterable<string>, registry: ProviderRegistry): Promise<Map<string, Provider>> {
  const providers = new Map<string, Provider>();
  for (const type of types) {
    const provider = await registry.load(type);
    if (provider) providers.set(type, provider);
  }
  return providers;
}

function missingFiles({ files }: CompiledWorkflow, parsed: ParsedFile): Diagnostic[] {
  const folder = dirname(resolve(parsed.file));
  return files
    .filter(({ file }) => !/[*?[\]{}]/.test(file) && !isReadable(resolve(folder, file), folder))
    .map(({ file, path }) => ({
      severity: 'error',
      code: 'missing-file',
      message: existsSync(resolve(folder, file)) ? `${file} is no file inside the working folder` : `there is no file ${file}`,
      hint: `Paths are relative to the workflow's folder: looked for ${resolve(folder, file)}.`,
      place: parsed.locate(path),
    }));
}

const isReadable = (path: string, folder: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() === true &&
  liesInside(
    realpathSync(path),
    [folder, process.cwd()].map((root) => realpathSync(root)),
  );

/** Files that a workflow names, parsed once. */
class NamedFiles implements CheckFiles {
  readonly parsed = new Map<string, ParsedFile>();
  private readonly folder: string;

  constructor(workflowFile: string) {
    this.folder = dirname(resolve(workflowFile));
  }

  get sources(): [string, string][] {
    return [...this.parsed.values()].map(({ file, text }) => [file, text]);
  }

  exists(path: string): boolean {
    return isReadable(resolve(this.folder, path), this.folder);
  }

  data(path: string): Json | undefined {
    const parsed = this.open(path);
    return parsed && !hasErrors(parsed.problems) ? parsed.data : undefined;
  }

  open(path: string): ParsedFile | undefined {
    const known = this.parsed.get(path);
    const absolute = resolve(this.folder, path);
    if (known || !isReadable(absolute, this.folder)) return known;
    const parsed = parseYaml(readFileSync(absolute, 'utf8'), relative(process.cwd(), absolute));
    this.parsed.set(path, parsed);
    return parsed;
  }
}

function providerChecks(
  { params }: CompiledWorkflow,
  parsed: ParsedFile,
  providers: ReadonlyMap<string, Provider>,
  files: NamedFiles,
): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const use of params) {
    for (const problem of providers.get(use.provider)?.check?.(use.params, files) ?? []) {
      const { file, path, part, message, hint, severity = 'error' } = problem;
      // Of parameters with a mistyped key it cannot be said what is missing.
      if (file === undefined && path.length === 0 && !use.isComplete) continue;
      const named = file === undefined ? undefined : files.open(file);
      const place = named ? named.locate(path, part) : parsed.locate([...use.path, ...path], part);
      found.push({ severity, code: named ? 'invalid-file' : 'invalid-value', message, ...(hint ? { hint } : {}), place });
    }
  }
  for (const { problems } of files.parsed.values()) found.push(...problems);
  return found;
}

/** The schemas of a provider, as data. */
const schemasOf = (provider: Provider): ProviderSchemas => ({
  params: provider.params as SchemaNode,
  config: provider.config as SchemaNode,
});
