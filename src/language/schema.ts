import { Duration } from '../duration.ts';
import { keywords } from '../keywords/index.ts';
import { Closed, OneOf, type TSchema, Type } from '../schema.ts';
import { triggers } from '../triggers/index.ts';

/** The schema of a workflow file, as far as it does not depend on providers. `with:` is checked against theirs. */
const NAME = { pattern: '^[A-Za-z_][A-Za-z0-9_-]*$', examples: ['recent-deploys'] };

export const ProviderUseSchema = Closed({
  type: Type.String({ minLength: 1, description: 'Which provider does the work: `threadline providers` lists them.' }),
  config: Type.Optional(
    Type.Union([Type.String({ minLength: 1 }), Type.Record(Type.String(), Type.Unknown())], {
      description: 'Credentials: `{{ providers.NAME }}`, or a map of them.',
    }),
  ),
  with: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: "The provider's parameters." })),
});

const keywordKeys: Record<string, TSchema> = {};
for (const keyword of keywords) {
  for (const [key, schema] of Object.entries(keyword.keys)) keywordKeys[key] = Type.Optional(schema);
}

export const StepSchema = Closed({
  name: Type.String({ ...NAME, description: 'How other steps call it: `steps.NAME.results`.' }),
  ...keywordKeys,
  provider: ProviderUseSchema,
});

const HandlerSchema = Closed({ name: Type.Optional(Type.String(NAME)), provider: ProviderUseSchema });

const InputSchema = Closed({
  name: Type.String(NAME),
  type: Type.Optional(
    OneOf(['string', 'number', 'boolean', 'choice', 'list', 'object'], {
      description: 'Checked however the run starts.',
      default: 'string',
    }),
  ),
  description: Type.Optional(Type.String()),
  required: Type.Optional(Type.Boolean({ description: 'A run without it does not start.' })),
  default: Type.Optional(Type.Unknown()),
  options: Type.Optional(Type.Array(Type.Unknown(), { minItems: 1, description: 'What a `choice` can be.' })),
});

const TriggerSchema = Type.Union(triggers.map(({ schema }) => schema));

export const WorkflowSchema = Closed({
  id: Type.String({ minLength: 1, description: 'The name of the workflow in reports and history.' }),
  name: Type.Optional(Type.String({ description: 'For people.' })),
  description: Type.Optional(Type.String()),
  triggers: Type.Optional(
    Type.Array(TriggerSchema, {
      minItems: 1,
      description: 'What starts it: decides which of `alert` and `incident` templates can read.',
    }),
  ),
  inputs: Type.Optional(
    Type.Array(InputSchema, { description: 'Values given at the start: `-i name=value`, read as `inputs.NAME`.' }),
  ),
  consts: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'Values of the file itself, read as `consts.NAME`. May hold templates.',
    }),
  ),
  env: Type.Optional(
    Type.Array(Type.String(NAME), { description: 'Environment variables that templates may read as `env.NAME`.' }),
  ),
  providers: Type.Optional(
    Type.Record(
      Type.String(),
      Closed({ type: Type.Optional(Type.String()), authentication: Type.Record(Type.String(), Type.Unknown()) }),
      {
        description:
          'Configurations by name, used as `config: "{{ providers.NAME }}"`. Secrets as `{{ env.X }}` or `{{ secrets.X }}`.',
      },
    ),
  ),
  timeout: Type.Optional(Duration('How long the whole run may take.')),
  steps: Type.Optional(Type.Array(StepSchema, { description: 'What is done, in order. A failure stops the run.' })),
  actions: Type.Optional(
    Type.Array(StepSchema, { description: 'What is done after all steps. A failing action does not stop the next.' }),
  ),
  'on-failure': Type.Optional(HandlerSchema),
  outputs: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'The result of the run, computed at its end.' }),
  ),
});
