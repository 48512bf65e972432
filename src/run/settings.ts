import { ALERT_SEVERITIES, UNKNOWN_SEVERITY } from '../plan/severity.ts';
import { Closed, OneOf, type Static, Type } from '../shared/schema/schema.ts';
import { Duration } from '../shared/time/duration.ts';

const AtOnce = Type.Integer({ minimum: 1, maximum: 10_000, description: 'How many at once; the others wait.' });

/** `threadline.config.yaml`, the project's settings. All are optional. */
export const SettingsSchema = Closed({
  providers: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      description:
        'Providers of your own: folders that hold provider folders, relative to this file, and packages called `threadline-provider-NAME`.',
    }),
  ),
  http: Type.Optional(
    Closed({
      allow_hosts: Type.Array(Type.String({ pattern: '^[^\\s/]+$', examples: ['127.0.0.1', 'ci.internal:8443', '*.internal'] }), {
        description:
          'Hosts (`host`, `host:port`, `*.example.com`) that steps may reach over HTTP although they are private or local.',
      }),
    }),
  ),
  prices: Type.Optional(
    Type.Record(
      Type.String(),
      Closed({
        input: Type.Number({ minimum: 0, description: 'US dollars per million tokens of the prompt.' }),
        cached_input: Type.Optional(Type.Number({ minimum: 0, description: "Input tokens from the server's cache." })),
        output: Type.Number({ minimum: 0, description: 'Of the answer.' }),
      }),
      { description: 'What models cost, by name; `*` in a name is any text. No prices are built in.' },
    ),
  ),
  limits: Type.Optional(
    Type.Record(Type.String(), Type.Union([AtOnce, Closed({ at_once: AtOnce })]), {
      description:
        'How many calls of a provider may be under way at once, in all processes of this folder: by its type, or by the name of a configuration.',
      examples: [{ openaiassistant: 4, http: { at_once: 10 } }],
    }),
  ),
  alerts: Type.Optional(
    Closed({
      unknown_severity: Type.Optional(
        OneOf(ALERT_SEVERITIES, {
          description:
            'Where a severity of an alert is ordered that no table knows. It stays as the sender wrote it, and is warned of.',
          default: UNKNOWN_SEVERITY,
        }),
      ),
    }),
  ),
  journal: Type.Optional(
    Closed({
      keep: Type.Optional(
        Duration('How long runs are kept that have ended; older ones are forgotten by the next run. Without it, all are kept.'),
      ),
      survives: Type.Optional(
        OneOf(['power-loss', 'process-death'], {
          description: 'What a finished step outlives. `process-death` does not wait for the disk.',
          default: 'power-loss',
        }),
      ),
    }),
  ),
  engine: Type.Optional(
    Closed({
      type: Type.Optional(
        OneOf(['local', 'restate'], {
          description: 'Who executes runs: this process, or the workers of a Restate server.',
          default: 'local',
        }),
      ),
      ingress: Type.Optional(
        Type.String({
          pattern: '^https?://',
          description: 'Where the Restate server takes requests. Default http://127.0.0.1:8080.',
        }),
      ),
      admin: Type.Optional(
        Type.String({
          pattern: '^https?://',
          description: 'Its admin API, which lists runs. Default http://127.0.0.1:9070.',
        }),
      ),
    }),
  ),
  offline: Type.Optional(
    Closed({
      rules: Type.String({
        minLength: 1,
        description: "The emulator's rules for `--offline`, a YAML file relative to this one.",
      }),
    }),
  ),
});

export type Settings = Static<typeof SettingsSchema>;
