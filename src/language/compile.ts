import { checkSchema, type SchemaIssue } from '../check-schema.ts';
import { durationMs } from '../duration.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Plan, StepPlan, Value } from '../plan.ts';
import { compileInput, compileTrigger, withTriggerHint } from './compile-start.ts';
import { compileStep, compileStepTemplate, type ParamsUse, type ProviderSchemas, type StepContext } from './compile-step.ts';
import { compileTree, type FileUse, hasTemplate } from './compile-value.ts';
import { type Diagnostic, hasErrors, sortDiagnostics } from './diagnostic.ts';
import { collectNames, listAt } from './names.ts';
import type { ParsedFile, Path } from './parse.ts';
import { isTrusted, type Names, type Site } from './references.ts';
import { reportOn } from './report.ts';
import { ProviderUseSchema, StepSchema, WorkflowSchema } from './schema.ts';
import { findSecrets } from './secrets.ts';

export interface CompiledWorkflow {
  /** There when the file has no errors. */
  plan: Plan | undefined;
  diagnostics: Diagnostic[];
  /** Files that the workflow names outright. */
  files: FileUse[];
  /** Parameters of the right keys and types, for each provider's own checks. */
  params: ParamsUse[];
}

const OUTSIDE: Site = { step: undefined, allStepsEnded: false, extraRoots: new Set(), trustsForeach: false };
const AFTER: Site = { ...OUTSIDE, allStepsEnded: true };
const CREDENTIALS: Site = { ...OUTSIDE, onlyRoots: ['env', 'secrets', 'inputs'] };

/** The workflow's own map: under `workflow:` (or Keep's older `alert:`), or the whole file. */
export function workflowAt(data: Json): { workflow: Json; path: Path } {
  if (isObject(data)) {
    for (const wrapper of ['workflow', 'alert']) {
      if (isObject(data[wrapper])) return { workflow: data[wrapper], path: [wrapper] };
    }
  }
  return { workflow: data, path: [] };
}

/** Makes a Plan of a file, or says everything that is wrong with it. Pure: opens nothing, loads nothing. */
export function compileWorkflow(
  parsed: ParsedFile,
  providers: ReadonlyMap<string, ProviderSchemas>,
  installed: readonly string[],
): CompiledWorkflow {
  const report = reportOn(parsed);
  const { workflow, path } = workflowAt(parsed.data);
  if (!isObject(workflow)) {
    if (!hasErrors(report.diagnostics)) {
      report.at([], {
        code: 'wrong-type',
        message: 'a workflow is a map',
        hint: 'It starts with `workflow:` and has `id:` and `steps:`.',
      });
    }
    return { plan: undefined, diagnostics: sortDiagnostics(report.diagnostics), files: [], params: [] };
  }
  checkWrapper(parsed.data, path, report.at);
  report.issues(
    path,
    checkSchema(WorkflowSchema, workflow).map((issue) => withTriggerHint(withPlace(issue), workflow)),
  );
  if (!hasErrors(report.diagnostics)) warnOfNothing(workflow, path, report.at);
  findSecrets(parsed.data, report);
  const names = collectNames(workflow, path, report);
  const context: StepContext = {
    report,
    names,
    parsed,
    providers,
    installed,
    stepNames: [...names.ended.keys()],
    files: [],
    params: [],
    reads: new Set(),
    compileStepTemplate: (data, at, site) => compileStepTemplate(data, at, site, context),
  };
  const plan = assemble(workflow, path, parsed, context);
  const diagnostics = sortDiagnostics(report.diagnostics);
  return { plan: hasErrors(diagnostics) ? undefined : plan, diagnostics, files: context.files, params: context.params };
}

/** Beside the wrapper nothing else is read: Keep loses steps that are indented wrongly without a word. */
function checkWrapper(data: Json, path: Path, at: ReturnType<typeof reportOn>['at']): void {
  const [wrapper] = path;
  if (wrapper === undefined || !isObject(data)) return;
  for (const key of Object.keys(data)) {
    if (key === wrapper) continue;
    const belongs = Object.hasOwn(WorkflowSchema.properties, key);
    const message = belongs
      ? `\`${key}\` stands beside \`${wrapper}:\` and belongs into it`
      : `unknown key \`${key}\` beside \`${wrapper}:\``;
    at(
      [key],
      { code: 'unknown-key', message, ...(belongs ? { hint: `Indent \`${key}\` so that it is part of \`${wrapper}:\`.` } : {}) },
      'key',
    );
  }
}

const BELONGS_TO_PROVIDER = new Set(Object.keys(ProviderUseSchema.properties));
const BELONGS_TO_STEP = new Set(Object.keys(StepSchema.properties));

/** A key that is known, one level further in or out: where it belongs says more than what is known here. */
function withPlace(issue: SchemaIssue): SchemaIssue {
  const [list, , ...inner] = issue.path;
  if (issue.code !== 'unknown-key' || (list !== 'steps' && list !== 'actions')) return issue;
  const key = String(inner.at(-1));
  if (inner.length === 1 && BELONGS_TO_PROVIDER.has(key))
    return { ...issue, hint: `Indent \`${key}\` so that it is part of \`provider:\`.` };
  if (inner.length === 2 && inner[0] === 'provider' && BELONGS_TO_STEP.has(key)) {
    return { ...issue, hint: `\`${key}\` belongs to the step: put it beside \`provider:\`.` };
  }
  return issue;
}

function warnOfNothing(workflow: JsonObject, path: Path, at: ReturnType<typeof reportOn>['at']): void {
  if (listAt(workflow, 'steps').length + listAt(workflow, 'actions').length > 0) return;
  const key = ['steps', 'actions'].find((name) => workflow[name] !== undefined);
  const problem = { code: 'missing-key', message: 'the workflow has no steps: it does nothing', severity: 'warning' } as const;
  at(key === undefined ? path : [...path, key], problem, 'key');
}

function assemble(workflow: JsonObject, path: Path, parsed: ParsedFile, context: StepContext): Plan {
  const consts = compileConsts(workflow, path, context);
  const steps = (['steps', 'actions'] as const).flatMap((key) =>
    listAt(workflow, key).flatMap((step, index) => {
      if (!isObject(step)) return [];
      const site = { ...OUTSIDE, step: typeof step.name === 'string' ? step.name : undefined };
      return [compileStep(step, [...path, key, index], key === 'steps' ? 'step' : 'action', site, context)];
    }),
  );
  return {
    id: String(workflow.id ?? ''),
    name: String(workflow.name ?? workflow.id ?? ''),
    description: String(workflow.description ?? ''),
    file: parsed.file,
    source: parsed.text,
    triggers: listAt(workflow, 'triggers').flatMap((trigger, index) =>
      compileTrigger(trigger, [...path, 'triggers', index], context),
    ),
    inputs: listAt(workflow, 'inputs').flatMap((input, index) => compileInput(input, [...path, 'inputs', index], context)),
    env: [...context.names.env],
    consts,
    steps,
    onFailure: compileHandler(workflow, path, context),
    outputs: compileEntries(workflow.outputs, [...path, 'outputs'], AFTER, context),
    timeoutMs: workflow.timeout === undefined ? undefined : durationMs(workflow.timeout as string | number),
    providers: compileProviderConfigs(workflow, path, context),
    reads: context.reads,
  };
}

function compileEntries(data: Json | undefined, path: Path, site: Site, context: StepContext): [string, Value][] {
  if (!isObject(data)) return [];
  return Object.entries(data).map(([key, value]) => [key, compileTree(value, [...path, key], site, context)]);
}

/** In the file's order: a constant may read those above it. */
function compileConsts(workflow: JsonObject, path: Path, context: StepContext): [string, Value][] {
  const all = context.names;
  const declared = new Set<string>();
  const tainted = all.taintedConsts as Set<string>;
  const compiled = Object.entries(isObject(workflow.consts) ? workflow.consts : {}).map(([name, value]): [string, Value] => {
    const names: Names = { ...all, consts: new Set(declared) };
    const inner: StepContext = { ...context, names, reads: new Set() };
    const result = compileTree(value, [...path, 'consts', name], OUTSIDE, inner);
    for (const read of inner.reads) {
      context.reads.add(read);
      const [root = '', first] = read.split('.');
      const reference = { root, path: first === undefined ? [] : [first], offset: 0, length: 0, optional: true };
      if (root !== 'consts' || first !== undefined) if (!isTrusted(reference, names, OUTSIDE)) tainted.add(name);
    }
    declared.add(name);
    return [name, result];
  });
  return compiled;
}

function compileHandler(workflow: JsonObject, path: Path, context: StepContext): StepPlan | undefined {
  const handler = workflow['on-failure'];
  if (!isObject(handler)) return undefined;
  const name = String(handler.name ?? 'on-failure');
  if (context.names.ended.has(name)) {
    const [at, part] = handler.name === undefined ? [['on-failure'], 'key' as const] : [['on-failure', 'name'], undefined];
    context.report.at([...path, ...at], { code: 'duplicate-name', message: `there is a step called \`${name}\` already` }, part);
  }
  return compileStep({ ...handler, name }, [...path, 'on-failure'], 'action', AFTER, context);
}

/** The credentials in `providers:` are the same for every step, whatever has run. */
function compileProviderConfigs(workflow: JsonObject, path: Path, context: StepContext): Record<string, Value> {
  const providers = isObject(workflow.providers) ? workflow.providers : {};
  const compiled = Object.entries(providers).flatMap(([name, entry]): [string, Value][] => {
    if (!isObject(entry)) return [];
    const at = [...path, 'providers', name, 'authentication'];
    const schemas = typeof entry.type === 'string' ? context.providers.get(entry.type) : undefined;
    if (schemas) context.report.issues(at, checkSchema(schemas.config, entry.authentication ?? {}, { isOpen: hasTemplate }));
    return [[name, compileTree(entry.authentication ?? {}, at, CREDENTIALS, context)]];
  });
  return Object.fromEntries(compiled);
}
