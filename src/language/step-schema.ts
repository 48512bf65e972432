import { keywords } from '../keywords/index.ts';
import { Closed, type TSchema, Type } from '../shared/schema/schema.ts';

export const NAME = { pattern: '^[A-Za-z_][A-Za-z0-9_-]*$', examples: ['recent-deploys'] };
/** Names that paths and templates can contain. */
const STEP_NAME = {
  pattern: '^[^\\s{}\\[\\]."\'`/|]([^{}\\[\\]."\'`/|\\n]*[^\\s{}\\[\\]."\'`/|])?$',
  maxLength: 128,
  examples: ['recent-deploys'],
};

const providerKeys = {
  config: Type.Optional(
    Type.Union([Type.String({ minLength: 1 }), Type.Record(Type.String(), Type.Unknown())], {
      description: 'Credentials: `{{ providers.NAME }}`, or a map of them.',
    }),
  ),
  with: Type.Optional(
    Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], { description: "The provider's parameters." }),
  ),
};

export const ProviderUseSchema = Closed({
  type: Type.String({ minLength: 1, description: 'Which provider does the work: `threadline providers` lists them.' }),
  ...providerKeys,
});

/** Defaults for all uses of a provider. */
export const ProviderDefaultsSchema = Closed(providerKeys);

export const keywordKeys: Record<string, TSchema> = {};
for (const keyword of keywords) {
  for (const [key, schema] of Object.entries(keyword.keys)) keywordKeys[key] = Type.Optional(schema);
}

/** Keywords that `defaults:` may set for all steps. */
export const defaultKeys: Record<string, TSchema> = Object.fromEntries(
  keywords.flatMap(({ defaults = {} }) => Object.entries(defaults).map(([key, schema]) => [key, Type.Optional(schema)])),
);

/** Keys such as `enrich_alert`, which the `with:` of every provider accepts. */
export const withKeys: Readonly<Record<string, TSchema>> = Object.assign(
  {},
  ...keywords.map((keyword) => keyword.withKeys ?? {}),
);

/** A list of steps. */
export const Steps = (description: string) =>
  Type.Optional(Type.Array(Type.Unsafe<unknown>({ $ref: '#/definitions/step' }), { minItems: 1, description }));

const groupKeys = {
  steps: Steps(
    'Steps within this one, in order: under its `if`, `foreach`, `timeout` and the rest. Read as `steps.THIS.results.NAME`.',
  ),
  parallel: Steps('Steps within this one that start together.'),
  else: Steps('What runs instead of `steps` when `if` is false.'),
  switch: Type.Optional(
    Type.Union([Type.String({ minLength: 1 }), Type.Number(), Type.Boolean()], {
      description: 'A value: the one of `cases` that it names runs, or `default`.',
    }),
  ),
  cases: Type.Optional(
    Type.Record(Type.String(), Type.Array(Type.Unsafe<unknown>({ $ref: '#/definitions/step' })), {
      description: 'Steps for each value of `switch`.',
    }),
  ),
  default: Steps('What runs when no case is named.'),
};

const stepKeys = {
  ...keywordKeys,
  id: Type.Optional(Type.String({ description: 'Of no effect beside `name`, which it stands for where there is none.' })),
  provider: Type.Optional(ProviderUseSchema),
  ...groupKeys,
};

export const StepSchema = Closed(
  { name: Type.String({ ...STEP_NAME, description: 'How other steps call it: `steps.NAME.results`.' }), ...stepKeys },
  { description: 'A call of a provider, or a group of steps.' },
);

/** An action that steps reuse with `use: NAME`; keys of the step win. */
export const ReusableActionSchema = Closed({
  use: Type.Optional(Type.String({ minLength: 1, description: 'Its name, where it is not `name`.' })),
  name: Type.Optional(Type.String({ ...STEP_NAME, description: 'Its name, unless the step has one of its own.' })),
  ...stepKeys,
});

/** Keys without meaning for a single step whose failure cannot change the run's status. */
const NOT_ALONE = ['id', ...keywords.flatMap(({ keys, needsSiblings }) => (needsSiblings ? Object.keys(keys) : []))];

export const HandlerSchema = Closed(
  {
    name: Type.Optional(Type.String({ ...STEP_NAME, description: 'Its name in reports.' })),
    ...(Object.fromEntries(Object.entries(stepKeys).filter(([key]) => !NOT_ALONE.includes(key))) as typeof keywordKeys),
  },
  { description: 'Run when the workflow has failed; reads `run.error`.' },
);
