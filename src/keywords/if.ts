import { Type } from '../shared/schema/schema.ts';
import { isSomething } from '../values/index.ts';
import type { Keyword } from './keyword.ts';

/** `if: "{{ steps.triage.results.response.severity }} == 'critical'"`: runs the step only when the condition holds. */
export const ifKeyword: Keyword = {
  keys: {
    if: Type.Union([Type.String({ minLength: 1 }), Type.Boolean()], {
      description: 'Run the step only when this expression (CEL) is true. Under `foreach` it is asked for each item.',
    }),
  },
  otherNames: { when: 'if' },
  compile(step, compiler) {
    // With an `else`, the step is a group whose branch the condition chooses.
    if (step.else !== undefined) return {};
    const condition = compiler.expression(['if']);
    const source = String(step.if);
    return {
      wrap: (next) => async (frame) => {
        const holds = isSomething(condition(frame.scope));
        return holds ? next(frame) : { status: 'skipped', results: null, attempts: 0, reason: `if: ${source}` };
      },
    };
  },
};
