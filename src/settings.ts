import { Closed, type Static, Type } from './schema.ts';

/** `threadline.config.yaml`, the project's settings. All are optional. */
export const SettingsSchema = Closed({
  providers: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), { description: 'Folders with providers of your own, relative to this file.' }),
  ),
  http: Type.Optional(
    Closed({
      allow_hosts: Type.Array(Type.String({ pattern: '^[^\\s/]+$', examples: ['127.0.0.1', 'ci.internal:8443', '*.internal'] }), {
        description: 'Hosts (`host`, `host:port`, `*.example.com`) that http steps may reach although they are private or local.',
      }),
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
