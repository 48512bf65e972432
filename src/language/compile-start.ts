import type { InputPlan } from '../plan/plan.ts';
import type { TriggerPlan } from '../plan/trigger-plan.ts';
import { type DataPath, isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { isNumber } from '../shared/json/number.ts';
import { kindOf, type SchemaIssue } from '../shared/schema/check-schema.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import { type TriggerCompiler, triggers } from '../triggers/index.ts';
import { placeText } from './diagnostic.ts';
import type { ParsedFile } from './parse.ts';
import type { Report } from './report.ts';
import type { ValueContext } from './value-context.ts';

/** Compiles the triggers with their conditions; Keep's older `interval` is a trigger too. */
export function compileTriggers(workflow: JsonObject, path: DataPath, context: ValueContext): TriggerPlan[] {
  const written = (Array.isArray(workflow.triggers) ? workflow.triggers : []).map((data, index) => ({
    data,
    at: ['triggers', index],
  }));
  const { interval } = workflow;
  const isTimed = interval !== undefined && Number(interval) !== 0;
  const older = isTimed ? [{ data: { type: 'interval', value: interval }, at: ['interval'] }] : [];
  return [...written, ...older].flatMap(({ data, at }) => compileTrigger(data, [...path, ...at], context));
}

/** A trigger of unknown type has been reported already. */
function compileTrigger(data: Json, path: DataPath, context: ValueContext): TriggerPlan[] {
  if (!isObject(data)) return [];
  const trigger = triggers.find(({ type }) => type === data.type);
  return trigger ? [trigger.compile(data, triggerCompiler(path, context.report, context.parsed))] : [];
}

const triggerCompiler = (path: DataPath, report: Report, parsed: ParsedFile): TriggerCompiler => ({
  problem(inner, { code = 'invalid-value', ...problem }, part) {
    const at = [...path, ...inner];
    if (typeof part === 'object') report.inside(at, { code, ...problem }, part);
    else report.at(at, { code, ...problem }, part);
  },
  keepDifference: (inner, message, hint) =>
    report.at([...path, ...inner], { severity: 'note', code: 'keep-difference', message, hint }, 'key'),
  place(inner, piece) {
    const at = [...path, ...inner];
    return placeText(piece ? parsed.locateInside(at, piece.offset, piece.length) : parsed.locate(at));
  },
});

/** Suggests the right key for another name of it. `issue` comes from the check of `triggers` in `workflow`. */
export function withTriggerHint(issue: SchemaIssue, workflow: JsonObject): SchemaIssue {
  const [list, index, key, ...inner] = issue.path;
  if (issue.code !== 'unknown-key' || list !== 'triggers' || inner.length > 0) return issue;
  const data = Array.isArray(workflow.triggers) ? workflow.triggers[Number(index)] : undefined;
  const trigger = triggers.find(({ type }) => isObject(data) && type === data.type);
  const hint = Object.entries(trigger?.misspelt ?? {}).find(([name]) => name === key)?.[1];
  return hint === undefined ? issue : { ...issue, hint };
}

export function compileInput(data: Json, path: DataPath, context: ValueContext): InputPlan[] {
  if (!isObject(data)) return [];
  const problem = inputProblem(data);
  if (problem)
    context.report.at([...path, problem.key], { code: 'invalid-value', ...problem }, problem.key === 'type' ? 'value' : 'key');
  return [
    {
      name: String(data.name),
      type: (data.type as InputPlan['type'] | undefined) ?? 'string',
      description: data.description as string | undefined,
      required: data.required === true,
      default: data.default,
      options: Array.isArray(data.options) ? data.options : undefined,
    },
  ];
}

const INPUT_TYPES = new Set(['string', 'number', 'boolean', 'choice', 'list', 'object']);

/** Reports a declaration that no value, or not its own default, can satisfy. */
function inputProblem({ type = 'string', default: given, options }: JsonObject) {
  if (type === 'choice' && options === undefined)
    return { key: 'type', message: 'a `choice` needs `options`', hint: 'Add `options: [a, b]`.' };
  if (type !== 'choice' && options !== undefined)
    return {
      key: 'options',
      message: `\`options\` belong to a \`choice\`, and this is a \`${type}\``,
      hint: 'Write `type: choice`.',
    };
  if (given === undefined || given === null || !INPUT_TYPES.has(String(type))) return undefined;
  if (type === 'choice') {
    if (!Array.isArray(options) || options.some((option) => String(option) === String(given))) return undefined;
    const hint = didYouMean(String(given), options.map(String));
    return { key: 'default', message: '`default` is not one of the `options`', ...(hint ? { hint } : {}) };
  }
  const kind = Array.isArray(given) ? 'list' : isNumber(given) ? 'number' : typeof given;
  const fits = kind === type || (type === 'string' && kind !== 'list' && kind !== 'object');
  return fits ? undefined : { key: 'default', message: `\`default\` must be a ${type}, not ${kindOf(given)}` };
}
