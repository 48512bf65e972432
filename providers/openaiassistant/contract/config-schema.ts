import { Closed, OneOf, type Static, Type } from 'threadline/provider';
import type { Capabilities } from '../dialects/server.ts';
import { PRESETS, SERVER_NAMES } from '../dialects/servers.ts';
import { WIRE_NAMES } from '../wires/index.ts';

const CAPABILITIES = Object.keys(PRESETS.openai.can) as (keyof Capabilities)[];

/** Corrections of a server's capabilities, key by key. */
const CapabilitiesSchema = Type.Unsafe<Partial<Capabilities>>({
  ...Closed(Object.fromEntries(CAPABILITIES.map((name) => [name, Type.Optional(Type.Boolean())]))),
  description: 'What the server can do, where it differs from what is known of its kind.',
});

export const ServerName = OneOf(SERVER_NAMES, {
  description: 'What kind of server that is. Told by its host and port otherwise; `compatible` when these say nothing.',
});

/** What other providers have in their configurations. */
const CONFIG_HINTS = {
  prompt_id: 'Saved prompts end on 2026-11-30: write their text as `instructions`, here or in the step.',
  api_url: 'Write `base_url`.',
  host: 'Write `base_url`.',
  system_prompt: 'Write `instructions`.',
  organization: 'Write `organization_id`.',
  project: 'Write `project_id`.',
};

export const Config = Closed(
  {
    api_key: Type.Optional(Type.String({ minLength: 1, description: 'The API key. Servers of your own may need none.' })),
    base_url: Type.Optional(
      Type.String({ minLength: 1, description: 'The server, when it is not OpenAI: `http://localhost:11434/v1`.' }),
    ),
    organization_id: Type.Optional(Type.String({ description: 'The organisation that pays.' })),
    project_id: Type.Optional(Type.String({ description: 'The project that pays.' })),
    model: Type.Optional(Type.String({ minLength: 1, description: 'The model of steps that name none.' })),
    max_retries: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 20,
        description: 'How often a request is repeated by itself, where nothing can be paid or done twice.',
        default: 6,
      }),
    ),
    server: Type.Optional(ServerName),
    capabilities: Type.Optional(CapabilitiesSchema),
    wire: Type.Optional(
      OneOf(['auto', ...WIRE_NAMES], {
        description:
          'Which API is spoken by steps that do not say. Where the Assistants API was shut down, `assistants` means Responses.',
      }),
    ),
    use_assistants_api: Type.Optional(
      Type.Union([Type.Boolean(), Type.String({ pattern: '^(?:[tT][rR][uU][eE]|[fF][aA][lL][sS][eE])$' })], {
        description: '`false` means the wire `chat`.',
      }),
    ),
    assistant_id: Type.Optional(
      Type.String({ pattern: '^asst_', description: 'The assistant of steps that name none; wire `assistants` only.' }),
    ),
    instructions: Type.Optional(Type.String({ minLength: 1, description: 'The instructions of steps that have none.' })),
    max_history: Type.Optional(
      Type.Union([Type.Integer({ minimum: 1 }), Type.String({ pattern: '^[1-9][0-9]*$' })], {
        description: 'How many messages of the thread are shown, in steps that have no `truncation_strategy`.',
      }),
    ),
  },
  { 'x-threadline-hints': CONFIG_HINTS },
);

export type Config = Static<typeof Config>;
