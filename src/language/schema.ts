import { Closed, KeyText, OneOf, Type } from '../shared/schema/schema.ts';
import { Duration } from '../shared/time/duration.ts';
import { triggers } from '../triggers/index.ts';
import { defaultKeys, HandlerSchema, NAME, ProviderDefaultsSchema, StepSchema, Steps } from './step-schema.ts';

/** The schema of a workflow file. */
const InputSchema = Closed({
  name: Type.String({ ...NAME, description: 'How templates read it: `inputs.NAME`.' }),
  type: Type.Optional(
    OneOf(['string', 'number', 'boolean', 'choice', 'list', 'object'], {
      description: 'Checked however the run starts.',
      default: 'string',
    }),
  ),
  description: Type.Optional(Type.String({ description: 'The purpose, for people.' })),
  required: Type.Optional(Type.Boolean({ description: 'A run without it does not start.' })),
  default: Type.Optional(Type.Unknown({ description: 'Its value in a run that is given none.' })),
  options: Type.Optional(Type.Array(Type.Unknown(), { minItems: 1, description: 'What a `choice` can be.' })),
});

const TriggerSchema = Type.Union(triggers.map(({ schema }) => schema));

const Texts = (description: string) =>
  Type.Optional(Type.Union([Type.Array(Type.Union([Type.String(), Type.Number()])), Type.Null()], { description }));

const about = {
  id: Type.String({ minLength: 1, description: 'The name of the workflow in reports and history.' }),
  name: Type.Optional(Type.String({ description: 'For people.' })),
  description: Type.Optional(Type.String({ description: 'The effect, for people.' })),
  disabled: Type.Optional(
    Type.Union([Type.Boolean(), OneOf(['true', 'false'])], { description: 'No trigger starts it; by hand it still runs.' }),
  ),
  debug: Type.Optional(Type.Boolean({ description: "Keep's switch for more logs; here `-v`." })),
  owners: Texts('Who looks after it. For people.'),
  services: Texts('What it is about. For people.'),
  tags: Texts('For people.'),
  permissions: Texts('Roles and addresses of those who may start it by hand, where a server asks.'),
};

const flow = {
  strategy: Type.Optional(
    OneOf(['nonparallel', 'nonparallel_with_retry', 'parallel'], {
      description: "Keep's form of `concurrency`: runs for one alert do not overlap; the second fails, or waits.",
    }),
  ),
  concurrency: Type.Optional(
    Type.Union(
      [
        KeyText(),
        Closed({
          key: KeyText({ description: 'Runs with the same key do not overlap: `{{ alert.fingerprint }}`.' }),
          on_busy: Type.Optional(
            OneOf(['queue', 'skip', 'cancel'], {
              description: 'What a run does that finds the key taken: waits, ends at once, or cancels the other.',
              default: 'queue',
            }),
          ),
        }),
      ],
      { description: 'Which runs must not overlap. A text is the key.' },
    ),
  ),
  timeout: Type.Optional(Duration('How long the whole run may take.')),
  defaults: Type.Optional(
    Closed(
      {
        ...defaultKeys,
        providers: Type.Optional(
          Type.Record(Type.String(), ProviderDefaultsSchema, {
            description: '`config` and `with` for all steps of a provider type: `openaiassistant: {with: {model: …}}`.',
          }),
        ),
      },
      { description: 'What steps have that do not say it themselves.' },
    ),
  ),
};

const OutputSchema = Type.Unknown({
  description: 'A value, computed at the end; or `{value, type, description}`, whose type is checked.',
});

/** Targets of the schemas' `$ref`s. */
export const definitions = { step: StepSchema };

export const WorkflowSchema = Closed(
  {
    ...about,
    interval: Type.Optional(
      Type.Union([Type.Number({ minimum: 0 }), Type.String()], { description: "Keep's older form of the interval trigger." }),
    ),
    triggers: Type.Optional(
      Type.Array(TriggerSchema, { description: 'What starts it: decides which of `alert` and `incident` templates can read.' }),
    ),
    inputs: Type.Optional(
      Type.Union([Type.Array(InputSchema), Type.Null()], {
        description: 'Values given at the start: `-i name=value`, read as `inputs.NAME`.',
      }),
    ),
    consts: Type.Optional(
      Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
        description: 'Values of the file itself, read as `consts.NAME`. May hold templates, and read each other.',
      }),
    ),
    env: Type.Optional(
      Type.Array(Type.String(NAME), { description: 'Environment variables that templates may read as `env.NAME`.' }),
    ),
    providers: Type.Optional(
      Type.Record(
        Type.String(),
        Closed({
          type: Type.Optional(Type.String({ description: 'The provider; its credentials are then checked.' })),
          name: Type.Optional(Type.String({ description: 'For people.' })),
          description: Type.Optional(Type.String({ description: 'For people; read as `providers.NAME.description`.' })),
          authentication: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
            description: 'The credentials. Secrets by name: `{{ secrets.TOKEN }}`.',
          }),
        }),
        {
          description:
            'Configurations by name, used as `config: "{{ providers.NAME }}"`. Secrets as `{{ env.X }}` or `{{ secrets.X }}`.',
        },
      ),
    ),
    ...flow,
    steps: Type.Optional(
      Type.Union([Type.Array(Type.Unsafe<unknown>({ $ref: '#/definitions/step' })), Type.Null()], {
        description: 'Steps to run, in order. A failure stops the run.',
      }),
    ),
    actions: Type.Optional(
      Type.Union([Type.Array(Type.Unsafe<unknown>({ $ref: '#/definitions/step' })), Type.Null()], {
        description: 'Actions to run after all steps. A failing action does not stop the next.',
      }),
    ),
    'on-failure': Type.Optional(HandlerSchema),
    finally: Steps('What is done at the end, whatever happened.'),
    outputs: Type.Optional(
      Type.Record(Type.String(), OutputSchema, { description: 'The result of the run, computed at its end.' }),
    ),
  },
  { definitions },
);
