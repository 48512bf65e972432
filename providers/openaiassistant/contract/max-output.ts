import { Type } from 'threadline/provider';

/** The most tokens of a function's output that the model is told, where its author says nothing. */
export const MAX_OUTPUT = 10_000;

export const MaxOutput = Type.Integer({
  minimum: 50,
  maximum: 1_000_000,
  default: MAX_OUTPUT,
  description: 'The most tokens of an output that the model is told. The middle of a longer one is left out, and it says so.',
});
