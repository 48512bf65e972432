import { kindOf } from '../check-schema.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { InputPlan, TriggerPlan } from '../plan.ts';
import { didYouMean } from '../suggest.ts';
import { compileExpression } from '../values/index.ts';
import type { ValueContext } from './compile-value.ts';
import type { Path } from './parse.ts';

/** What starts a run: triggers and inputs. */

/** A trigger, its filter compiled. */
export function compileTrigger(trigger: Json, path: Path, context: ValueContext): TriggerPlan[] {
  if (!isObject(trigger)) return [];
  const type = trigger.type as TriggerPlan['type'];
  if (typeof trigger.cel !== 'string') return [{ type, matches: undefined }];
  const compiled = compileExpression(trigger.cel, { scopeIsPayload: true });
  for (const problem of compiled.problems) context.report.inside([...path, 'cel'], problem, problem);
  // A filter names the alert's fields, with or without `alert.`.
  const matches = (alert: JsonObject) => compiled.evaluate(Object.assign(Object.create(null), { alert, event: alert }, alert));
  return [{ type, matches }];
}

/** An input's declaration; one that nothing could satisfy is reported. */
export function compileInput(data: Json, path: Path, context: ValueContext): InputPlan[] {
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

/** A declaration that no value, or not its own default, could satisfy. */
function inputProblem({ type = 'string', default: given, options }: JsonObject) {
  if (type === 'choice' && options === undefined)
    return { key: 'type', message: 'a `choice` needs `options`', hint: 'Add `options: [a, b]`.' };
  if (type !== 'choice' && options !== undefined)
    return {
      key: 'options',
      message: `\`options\` belong to a \`choice\`, and this is a \`${type}\``,
      hint: 'Write `type: choice`.',
    };
  if (given === undefined || given === null) return undefined;
  if (type === 'choice') {
    if (!Array.isArray(options) || options.some((option) => String(option) === String(given))) return undefined;
    const hint = didYouMean(String(given), options.map(String));
    return { key: 'default', message: '`default` is none of the `options`', ...(hint ? { hint } : {}) };
  }
  const kind = Array.isArray(given) ? 'list' : typeof given;
  const fits = kind === type || (type === 'string' && kind !== 'list' && kind !== 'object');
  return fits ? undefined : { key: 'default', message: `\`default\` must be a ${type}, not ${kindOf(given)}` };
}
