import type { GroupPlan, StepPlan } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { type DataPath, isObject, type Json, type JsonObject, toText } from '../shared/json/json.ts';
import { areEqual, isSomething } from '../values/index.ts';
import { isWorkflowRoot } from './checked-value.ts';
import { compileCondition, compileTree } from './compile-value.ts';
import { type PlacedStep, stepsOf } from './idle-gates.ts';
import type { StepContext } from './step-context.ts';
import type { TemplatePosition } from './template-position.ts';

/** Passed as an argument, because steps and groups contain each other. */
export type CompileStep = (
  data: JsonObject,
  path: DataPath,
  kind: StepPlan['kind'],
  position: TemplatePosition,
  context: StepContext,
) => StepPlan;

const KINDS = ['provider', 'steps', 'parallel', 'switch'] as const;

/** Compiles `steps` (with `else`), `parallel` or `switch`. Undefined for a step that calls a provider. */
export function compileGroup(
  data: JsonObject,
  path: DataPath,
  position: TemplatePosition,
  context: StepContext,
  compileStep: CompileStep,
): GroupPlan | undefined {
  const given = KINDS.filter((kind) => data[kind] !== undefined);
  for (const second of given.slice(1)) {
    const message = `a step has one of ${KINDS.join(', ')}: \`${given[0]}\` is there already`;
    context.report.at([...path, second], { code: 'invalid-value', message, hint: 'Make two steps of it.' }, 'key');
  }
  reportStrays(data, path, given, context);
  const [kind] = given;
  const inner = (key: string) => compileBranch(data[key] ?? null, [...path, key], position, context, compileStep);
  if (kind === 'parallel') return { kind, branches: [inner('parallel')], choose: () => 0 };
  if (kind === 'switch') return compileSwitch(data, path, position, context, compileStep);
  if (kind !== 'steps') return undefined;
  if (data.else === undefined) return { kind, branches: [inner('steps')], choose: () => 0 };
  const condition = compileChoice(data, path, position, context);
  return { kind, branches: [inner('steps'), inner('else')], choose: (scope) => (condition(scope) ? 0 : 1) };
}

/** Keys that have no effect without another key. */
const BELONGS: Readonly<Record<string, string>> = { else: 'steps', cases: 'switch', default: 'switch' };

function reportStrays(data: JsonObject, path: DataPath, given: readonly string[], context: StepContext): void {
  for (const [key, owner] of Object.entries(BELONGS)) {
    if (data[key] === undefined || given.includes(owner)) continue;
    const hint = key === 'else' ? 'Put the step itself under `steps:`.' : 'Say what is looked at: `switch: "{{ … }}"`.';
    context.report.at([...path, key], { code: 'invalid-value', message: `\`${key}\` needs \`${owner}\` beside it`, hint }, 'key');
  }
}

function compileBranch(
  steps: Json,
  path: DataPath,
  position: TemplatePosition,
  context: StepContext,
  compileStep: CompileStep,
): StepPlan[] {
  const placed = (Array.isArray(steps) ? steps : []).flatMap((step, index): PlacedStep[] => {
    if (!isObject(step)) return [];
    const inner = { ...position, step: typeof step.name === 'string' ? step.name : undefined };
    return [{ step: compileStep(step, [...path, index], 'step', inner, context), path: [...path, index] }];
  });
  // Steps under `parallel` are meant to run beside each other.
  return path.at(-1) === 'parallel' ? placed.map(({ step }) => step) : stepsOf(placed, context.report);
}

function compileChoice(
  data: JsonObject,
  path: DataPath,
  position: TemplatePosition,
  context: StepContext,
): (scope: Parameters<GroupPlan['choose']>[0]) => boolean {
  if (data.if === undefined)
    context.report.at([...path, 'else'], { code: 'invalid-value', message: '`else` needs `if` beside it' }, 'key');
  if (typeof data.if !== 'string') return () => data.if !== false;
  const condition = compileCondition(data.if, [...path, 'if'], position, context);
  return (scope) => isSomething(condition(scope));
}

function compileSwitch(
  data: JsonObject,
  path: DataPath,
  position: TemplatePosition,
  context: StepContext,
  compileStep: CompileStep,
): GroupPlan {
  refusePath(data.switch ?? null, [...path, 'switch'], context);
  const value = compileTree(data.switch ?? null, [...path, 'switch'], position, context);
  const cases = Object.entries(isObject(data.cases) ? data.cases : {});
  if (cases.length === 0)
    context.report.at([...path, 'switch'], { code: 'missing-key', message: '`switch` needs `cases` beside it' }, 'key');
  const branches = cases.map(([name, steps]) => compileBranch(steps, [...path, 'cases', name], position, context, compileStep));
  const names = cases.map(([name]) => name);
  const otherwise = data.default === undefined ? undefined : branches.length;
  if (otherwise !== undefined)
    branches.push(compileBranch(data.default ?? null, [...path, 'default'], position, context, compileStep));
  const choose: GroupPlan['choose'] = (scope) => {
    const index = caseOf(value(scope), names);
    return index < 0 ? otherwise : index;
  };
  return { kind: 'switch', branches, choose };
}

/** The case that is named as the value reads, else the first that equals it, as with `==`; -1 if there is none. */
function caseOf(value: Json, names: readonly string[]): number {
  if (typeof value === 'object' && value !== null) {
    const kind = Array.isArray(value) ? 'a list' : 'a map';
    const hint = 'Look at one value of it: `switch: "{{ alert.source[0] }}"`.';
    throw new ThreadlineError('expression_failed', `\`switch\` chooses by a single value, and this is ${kind}.`, { hint });
  }
  const text = toText(value);
  const written = names.indexOf(text);
  if (written >= 0) return written;
  // Keep writes booleans as `True`. Beside a case for true, others of another type are no mistake.
  if (isBooleanWord(text) && names.some(isBooleanWord))
    return names.findIndex((name) => name.toLowerCase() === text.toLowerCase());
  return names.findIndex((name) => areEqual(value, name));
}

const isBooleanWord = (name: string): boolean => /^(?:true|false)$/i.test(name);

/** `switch: alert.severity`, as in an `if`: there it would be the text itself, which names no case. */
function refusePath(value: Json, path: DataPath, { report }: StepContext): void {
  const root = typeof value === 'string' ? /^\s*([a-z_]+)\s*[.[]/.exec(value)?.[1] : undefined;
  if (root === undefined || !isWorkflowRoot(root)) return;
  const message = `\`${value}\` is a text here, and not the value of that name`;
  report.at(path, { code: 'invalid-value', message, hint: `Write \`switch: "{{ ${value} }}"\`.` });
}
