import { Closed, ErrorCodeName, type Static, Type } from '../shared/schema/schema.ts';

const StubError = Closed(
  {
    code: Type.Optional(
      ErrorCodeName({
        description: 'What kind of failure it is: a code of Threadline or of a provider.',
        default: 'step_failed',
      }),
    ),
    message: Type.String({ description: 'The sentence in the error.' }),
    retryable: Type.Optional(Type.Boolean({ description: 'Whether it could pass; by default what the code says.' })),
  },
  { description: 'The call fails.' },
);

const Answer = Closed(
  {
    results: Type.Optional(
      Type.Unknown({ description: 'What the call gives: any JSON. Templates in it read `params`, and `item`, the index.' }),
    ),
    error: Type.Optional(StubError),
  },
  { description: '`results`, or `error`.' },
);

const Answers = Type.Union([Answer, Type.Array(Answer, { minItems: 1 })], {
  description: 'One answer for all calls, or a list: one for each call, and the last for all after it.',
});

const StubsSchema = Closed({
  steps: Type.Optional(
    Type.Record(Type.String(), Answers, { description: "By the step's own name; `triage/recent_deploys` is a function." }),
  ),
  types: Type.Optional(Type.Record(Type.String(), Answers, { description: "By the provider's type." })),
  questions: Type.Optional(
    Type.Union([Answer, Type.Array(Answer, { minItems: 1 })], {
      description:
        'What a person answers who is asked, by a step or before a function is called: `results: {approved: true, by: ada}`. Templates read the question as `params`.',
    }),
  ),
  default: Type.Optional(Answers),
});

/** The file of `--stubs`. */
export const StubFileSchema = Closed({ stubs: StubsSchema });

export type StubAnswer = Static<typeof Answer>;
export type StubAnswers = Static<typeof Answers>;
export type Stubs = Static<typeof StubsSchema>;
