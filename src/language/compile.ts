import type { ConcurrencyPlan, Plan, StepPlan } from '../plan/plan.ts';
import { type DataPath, isObject, type Json, type JsonObject, toText } from '../shared/json/json.ts';
import { checkSchema, type SchemaIssue } from '../shared/schema/check-schema.ts';
import { durationMs } from '../shared/time/duration.ts';
import { compileConsts } from './compile-consts.ts';
import { compileOutputs } from './compile-end.ts';
import { compileProviderConfigs, providersIn } from './compile-providers.ts';
import { compileInput, compileTriggers, withTriggerHint } from './compile-start.ts';
import { compileStep, compileStepTemplate } from './compile-step.ts';
import { compileTree } from './compile-value.ts';
import { declaredResults } from './declared-results.ts';
import { type Diagnostic, hasErrors, sortDiagnostics } from './diagnostic.ts';
import { checkSiblings, checkWrapper, warnOfNothing, withPlace, workflowsIn } from './file-shape.ts';
import { type PlacedStep, stepsOf, warnOfUnread } from './idle-gates.ts';
import { collectNames } from './names.ts';
import type { ParsedFile } from './parse.ts';
import { type Report, reportOn } from './report.ts';
import { definitions, WorkflowSchema } from './schema.ts';
import { findSecrets } from './secrets.ts';
import type { ConfigUse, ParamsUse, ProviderSchemas, StepContext } from './step-context.ts';
import { listAt } from './step-names.ts';
import { ReusableActionSchema } from './step-schema.ts';
import type { TemplatePosition } from './template-position.ts';
import { reusableActions, type Unfolded, unfold, valueAt } from './unfold.ts';
import type { FileUse } from './value-context.ts';

export interface CompiledFile {
  /** A plan for each workflow of the file; empty if the file has errors. */
  plans: Plan[];
  /** The interfaces of the file's workflows, even if the file has errors. */
  drafts: Plan[];
  diagnostics: Diagnostic[];
  /** Files that the workflows name outright. */
  files: FileUse[];
  /** Parameters with valid keys and types, for each provider's own checks. */
  params: ParamsUse[];
  /** Configurations that calls use and that are not written in them. */
  configs: ConfigUse[];
  /** Called workflows; the caller loads them into the plans' `workflows`. */
  workflows: FileUse[];
}

export interface CompileInputs {
  providers: ReadonlyMap<string, ProviderSchemas>;
  /** Names of all providers that can be loaded. */
  installed: readonly string[];
  /** Installed providers that cannot be loaded, with the reason. */
  broken: StepContext['broken'];
  /** Providers that a workflow may name although they are not installed. */
  known: readonly string[];
  /** What is built in for the work of one of these, in one sentence. */
  instead: StepContext['instead'];
  /** Tells whether a stub answers for a step's provider. */
  isStubbed?(provider: string, step: string): boolean;
  /** Files of reusable actions, for `use`. */
  actionFiles?: readonly ParsedFile[];
}

const OUTSIDE: TemplatePosition = { step: undefined, allStepsEnded: false, extraRoots: {}, trustedItems: new Set() };
const AFTER: TemplatePosition = { ...OUTSIDE, allStepsEnded: true };

/** Compiles a file into Plans, or reports every mistake in it. Pure: reads and loads nothing. */
export function compileFile(parsed: ParsedFile, inputs: CompileInputs): CompiledFile {
  const report = reportOn(parsed);
  const found = workflowsIn(parsed.data);
  const result: CompiledFile = {
    plans: [],
    drafts: [],
    diagnostics: report.diagnostics,
    files: [],
    params: [],
    configs: [],
    workflows: [],
  };
  if (found.length === 0) {
    const hint = 'It starts with `workflow:` and has `id:` and `steps:`.';
    if (!hasErrors(report.diagnostics)) report.at([], { code: 'wrong-type', message: 'a workflow is a map', hint });
    return result;
  }
  const [wrapper] = found[0]?.path ?? [];
  const reusable = [...(inputs.actionFiles ?? []).map(actionsOf), ...(wrapper === undefined ? [] : [actionsOf(parsed)])];
  if (wrapper !== undefined) checkWrapper(parsed.data, String(wrapper), report.at);
  checkBeside(parsed, wrapper !== undefined, report);
  checkSiblings(parsed.data, found, report.at);
  findSecrets(parsed.data, report);
  for (const { path } of found) {
    const whole = unfold(parsed, path, reusableActions(reusable));
    const compiled = compileOne(whole, path, inputs, !hasErrors(report.diagnostics));
    result.plans.push(compiled.plan);
    result.diagnostics.push(...compiled.context.report.diagnostics);
    result.files.push(...compiled.context.files);
    result.params.push(...compiled.context.params);
    result.configs.push(...compiled.context.configs);
    result.workflows.push(...compiled.context.workflows);
  }
  const diagnostics = sortDiagnostics(result.diagnostics);
  return { ...result, diagnostics, plans: hasErrors(diagnostics) ? [] : result.plans, drafts: result.plans };
}

/** A file of actions is a list, or a map with `actions`. */
const actionsOf = (file: ParsedFile) => ({ file, path: Array.isArray(file.data) ? [] : ['actions'] });

/** Keys beside the wrapper. */
function checkBeside(parsed: ParsedFile, isWrapped: boolean, report: Report): void {
  if (!isWrapped || !isObject(parsed.data)) return;
  const providers = parsed.data.providers ?? null;
  if (providers !== null) report.issues(['providers'], checkSchema(WorkflowSchema.properties.providers, providers));
  for (const [index, action] of listAt(parsed.data, 'actions').entries()) {
    const issues = checkSchema({ ...ReusableActionSchema, definitions }, action);
    // Actions used by the action itself are checked where that is used.
    const isNestedUse = ({ code, path }: SchemaIssue) => code === 'unknown-key' && path.at(-1) === 'use';
    report.issues(
      ['actions', index],
      issues.filter((issue) => !isNestedUse(issue)),
    );
  }
}

function compileOne(
  { parsed, twice, actions }: Unfolded,
  path: DataPath,
  inputs: CompileInputs,
  isSound: boolean,
): { plan: Plan; context: StepContext } {
  const report = reportOn(parsed);
  const workflow = valueAt(parsed.data, path) as JsonObject;
  const issues = checkSchema(WorkflowSchema, workflow).map((issue) => withTriggerHint(withPlace(issue), workflow));
  report.issues(path, issues);
  if (isSound && !hasErrors(report.diagnostics)) warnOfNothing(workflow, path, report.at);
  if (Array.isArray(workflow.permissions) && workflow.permissions.length > 0) {
    const message = "Keep's server asks who may start this; a command line asks nobody";
    report.at([...path, 'permissions'], { code: 'keep-difference', severity: 'note', message }, 'key');
  }
  const names = {
    ...collectNames(workflow, path, report),
    twice,
    providers: providersIn(parsed.data, path),
    results: declaredResults(workflow, inputs),
  };
  const context: StepContext = {
    ...inputs,
    report,
    names,
    parsed,
    facts: { usesAlerts: false, toBeRead: [] },
    stepNames: [...names.steps.keys()],
    files: [],
    workflows: [],
    params: [],
    configs: [],
    providerPlaces: [],
    references: [],
    reads: new Set(),
    calls: new Set(),
    compileStepTemplate: (data, at, position) => compileStepTemplate(data, at, position, context),
  };
  return { plan: { ...assemble(workflow, path, parsed, context), actions }, context };
}

function assemble(workflow: JsonObject, path: DataPath, parsed: ParsedFile, context: StepContext): Omit<Plan, 'actions'> {
  const consts = compileConsts(workflow, path, OUTSIDE, context);
  const steps = (key: string, kind: StepPlan['kind'], position: TemplatePosition) =>
    listAt(workflow, key).flatMap((step, index): PlacedStep[] => {
      if (!isObject(step)) return [];
      const inner = { ...position, step: typeof step.name === 'string' ? step.name : undefined };
      const place = [...path, key, index];
      return [{ step: compileStep(step, place, kind, inner, context), path: place }];
    });
  const plan = {
    id: String(workflow.id ?? ''),
    name: String(workflow.name ?? workflow.id ?? ''),
    description: String(workflow.description ?? ''),
    file: parsed.file,
    source: parsed.text,
    triggers: compileTriggers(workflow, path, context),
    inputs: listAt(workflow, 'inputs').flatMap((input, index) => compileInput(input, [...path, 'inputs', index], context)),
    env: [...context.names.env],
    consts,
    steps: stepsOf([...steps('steps', 'step', OUTSIDE), ...steps('actions', 'action', OUTSIDE)], context.report),
    onFailure: compileHandler(workflow, path, context),
    finally: stepsOf(steps('finally', 'action', AFTER), context.report),
    outputs: compileOutputs(workflow, path, AFTER, context),
    timeoutMs: workflow.timeout === undefined ? undefined : durationMs(workflow.timeout as string | number),
    concurrency: compileConcurrency(workflow, path, context),
    disabled: String(workflow.disabled) === 'true',
    providers: compileProviderConfigs(parsed.data, path, OUTSIDE, context),
    providerFacts: context.names.providers,
    workflows: new Map<string, Plan>(),
    reads: context.reads,
    references: context.references,
    providerPlaces: context.providerPlaces,
  };
  warnOfUnread(context);
  const asks = [...context.calls].some((name) => ALERT_FUNCTIONS.has(name));
  const compares = plan.triggers.some((trigger) => trigger.comparesWithPrevious === true);
  return { ...plan, usesAlerts: asks || compares || context.facts.usesAlerts };
}

/** Functions that read the history of an alert. */
const ALERT_FUNCTIONS = new Set(['keep.get_firing_time', 'keep.is_first_time']);

/** Adds Keep's message to a handler without one; in Keep, the handler's message cannot be chosen. */
function compileHandler(workflow: JsonObject, path: DataPath, context: StepContext): StepPlan | undefined {
  const handler = workflow['on-failure'];
  if (!isObject(handler)) return undefined;
  const name = String(handler.name ?? 'on-failure');
  if (context.names.steps.has(name)) {
    const [at, part] = handler.name === undefined ? [['on-failure'], 'key' as const] : [['on-failure', 'name'], undefined];
    context.report.at([...path, ...at], { code: 'duplicate-name', message: `there is a step called \`${name}\` already` }, part);
  }
  const { provider } = handler;
  const saying = provider === undefined ? {} : { provider: withMessage(provider, [...path, 'on-failure', 'provider'], context) };
  const whole = { ...handler, name, ...saying };
  return compileStep(whole, [...path, 'on-failure'], 'action', { ...AFTER, step: name }, context);
}

const FAILURE_MESSAGE = 'Workflow {{ run.workflow }} failed with errors: {{ run.error.message }}';

function withMessage(provider: Json, path: DataPath, { providers, report }: StepContext): Json {
  if (!isObject(provider)) return provider;
  const given = isObject(provider.with) ? provider.with : {};
  const schema = providers.get(String(provider.type))?.params;
  if (given.message !== undefined) {
    const message = 'Keep puts a text of its own in the place of this message';
    report.at([...path, 'with', 'message'], { code: 'keep-ignores', severity: 'note', message }, 'key');
  }
  const takesMessage = !schema || (isObject(schema.properties) && Object.hasOwn(schema.properties, 'message'));
  return takesMessage && given.message === undefined ? { ...provider, with: { ...given, message: FAILURE_MESSAGE } } : provider;
}

const STRATEGIES: Readonly<Record<string, ConcurrencyPlan['onBusy'] | undefined>> = {
  nonparallel: 'skip',
  nonparallel_with_retry: 'queue',
};

/** Compiles `concurrency`, or Keep's `strategy`, which allows a single run at a time for an alert. */
function compileConcurrency(workflow: JsonObject, path: DataPath, context: StepContext): ConcurrencyPlan | undefined {
  const { concurrency, strategy } = workflow;
  if (concurrency !== undefined && strategy !== undefined)
    context.report.at(
      [...path, 'strategy'],
      { code: 'invalid-value', message: '`concurrency` and `strategy` are both given', hint: 'They mean the same: keep one.' },
      'key',
    );
  if (concurrency === undefined) {
    const onBusy = typeof strategy === 'string' ? STRATEGIES[strategy] : undefined;
    return onBusy && { key: ({ alert }) => keyOfAlert(String(workflow.id), alert), onBusy };
  }
  const at = isObject(concurrency) ? [...path, 'concurrency', 'key'] : [...path, 'concurrency'];
  const schemas = [{ ...WorkflowSchema.properties.concurrency }];
  const key = compileTree(isObject(concurrency) ? (concurrency.key ?? null) : concurrency, at, OUTSIDE, context, schemas);
  const onBusy = isObject(concurrency) ? concurrency.on_busy : undefined;
  return { key, onBusy: (onBusy as ConcurrencyPlan['onBusy'] | undefined) ?? 'queue' };
}

/** Keep's strategy counts per workflow and alert, while `concurrency` keys may be shared by workflows. */
function keyOfAlert(workflow: string, alert: unknown): Json {
  const fingerprint = isObject(alert) ? (alert.fingerprint ?? null) : null;
  if (fingerprint === null || fingerprint === '') return null;
  // The id is escaped, so that its slashes differ from the separator.
  return `${encodeURIComponent(workflow.toWellFormed())}/${toText(fingerprint)}`;
}
