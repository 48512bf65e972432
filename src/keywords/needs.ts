import { Type } from '../shared/schema/schema.ts';
import { asStrings, type Keyword } from './keyword.ts';

/** `needs: [deploys, runbook]`: starts as soon as those have ended, beside everything else. */
export const needsKeyword: Keyword = {
  keys: {
    needs: Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { uniqueItems: true })], {
      description:
        'Start as soon as these steps have ended, beside others. Without it a step waits for all that stand before it; `[]` waits for none.',
    }),
  },
  compile: (step) => ({ needs: asStrings(step.needs) }),
};
