import type { DataPath, JsonObject } from '../shared/json/json.ts';
import { Type } from '../shared/schema/schema.ts';
import { asStrings, type Keyword } from './keyword.ts';

/** The steps that a step waits for, with their places in the file; undefined if it waits for all earlier steps. */
export const writtenNeeds = ({ needs }: JsonObject): { name: string; path: DataPath }[] | undefined =>
  needs === undefined
    ? undefined
    : asStrings(needs).map((name, index) => ({ name, path: Array.isArray(needs) ? ['needs', index] : ['needs'] }));

/** `needs: [deploys, runbook]`: starts as soon as these steps have ended, parallel to all others. */
export const needsKeyword: Keyword = {
  keys: {
    needs: Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { uniqueItems: true })], {
      description:
        'Start as soon as these steps have ended, beside others. Without it a step waits for all that stand before it; `[]` waits for none.',
    }),
  },
  needsSiblings: true,
  otherNames: { depends_on: 'needs', dependsOn: 'needs', 'depends-on': 'needs' },
  compile: (step) => ({ needs: asStrings(step.needs) }),
};
