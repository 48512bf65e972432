import { Type } from '../shared/schema/schema.ts';
import type { Keyword } from './keyword.ts';

const description = 'A failure of this step is recorded, and the run goes on and does not fail by it.';

/** `continue-on-error: true`, and Keep's spelling with underscores. */
export const continueOnErrorKeyword: Keyword = {
  keys: {
    'continue-on-error': Type.Boolean({ description }),
    continue_on_error: Type.Boolean({ description: `${description} Keep's spelling.` }),
  },
  needsSiblings: true,
  defaults: { 'continue-on-error': Type.Boolean({ description }) },
  compile: (step) => ({ toleratesFailure: step['continue-on-error'] === true || step.continue_on_error === true }),
};
