import { ThreadlineError } from '../errors.ts';
import type { Json } from '../json.ts';
import { Type } from '../schema.ts';
import type { Keyword } from './keyword.ts';

/** `if: "{{ steps.triage.results.response.severity }} == 'critical'"`: runs the step only when the condition holds. */
export const ifKeyword: Keyword = {
  keys: {
    if: Type.Union([Type.String({ minLength: 1 }), Type.Boolean()], {
      description: 'Run the step only when this expression (CEL) is true. Under `foreach` it is asked for each item.',
    }),
  },
  compile(step, compiler) {
    // With an `else`, the condition chooses between two lists of steps.
    if (step.else !== undefined) return {};
    const condition = compiler.expression(['if']);
    const source = String(step.if);
    return {
      wrap: (next) => async (frame) => {
        const holds = asBoolean(condition(frame.scope), source);
        return holds ? next(frame) : { status: 'skipped', results: null, attempts: 0, reason: `if: ${source}` };
      },
    };
  },
};

/** A value alone asks whether there is something; Keep's workflows gate steps on numbers and texts this way. */
export function asBoolean(value: Json, source: string): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return !['', 'false'].includes(value.trim().toLowerCase());
  if (value === null || typeof value === 'number') return Boolean(value);
  throw new ThreadlineError(
    'expression_failed',
    `\`if: ${source}\` gave ${JSON.stringify(value).slice(0, 80)}, which is neither true nor false.`,
    {
      hint: 'Compare it with something: `x != null`, `size(x) > 0`, `x == "yes"`.',
    },
  );
}
