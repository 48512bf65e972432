import { Type } from '../shared/schema/schema.ts';
import type { Keyword } from './keyword.ts';

/** Keep's `continue: false`: after this step has run, the rest of its list is skipped. */
export const continueKeyword: Keyword = {
  keys: {
    continue: Type.Boolean({
      description: '`false`: once this step has run, those below it in the same list are skipped.',
      default: true,
    }),
  },
  needsSiblings: true,
  compile: (step) => ({ endsList: step.continue === false }),
};
