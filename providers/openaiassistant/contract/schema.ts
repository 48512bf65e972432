import { Closed, Duration, FilePath, OneOf, type Static, Type } from 'threadline/provider';
import { KeyText } from 'threadline/runtime';
import { WIRE_NAMES } from '../wires/index.ts';
import { ServerName } from './config-schema.ts';
import { FUNCTION_NAME, ResponseFormat } from './format-schema.ts';
import { Attachment, Knowledge } from './knowledge-schema.ts';
import { KeyScope, operationKeys } from './operation-schema.ts';
import { FOREIGN_NAMES, otherKeys } from './other-names.ts';
import { Tools } from './tool-schema.ts';

export { Config } from './config-schema.ts';

/** The id of an assistant of the Assistants API, which some servers still keep. */
export const ASSISTANT_ID = /^asst_\w+$/;

/** The keys of an assistant. They stand in `assistant:` (a file or a map), or among the parameters, which win. */
const assistantKeys = {
  model: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'The model. Required here, in the assistant, or in the configuration: there is no default.',
    }),
  ),
  instructions: Type.Optional(Type.String({ maxLength: 256_000, description: 'Who the assistant is and what it does.' })),
  tools: Type.Optional(Tools),
  vector_store_ids: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), { description: 'Where `file_search` looks. Wires `responses` and `assistants`.' }),
  ),
  response_format: Type.Optional(ResponseFormat),
  temperature: Type.Optional(
    Type.Number({ minimum: 0, maximum: 2, description: 'How random the answer is. Reasoning models refuse it.' }),
  ),
  top_p: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: 'Nucleus sampling. Change this or temperature, not both.' }),
  ),
  reasoning_effort: Type.Optional(
    OneOf(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'], { description: 'How long a reasoning model thinks.' }),
  ),
  max_prompt_tokens: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'The most tokens of instructions and thread that the model is shown; older messages are left out.',
    }),
  ),
  truncation_strategy: Type.Optional(
    Type.Union(
      [
        OneOf(['auto', 'none']),
        Closed({ type: OneOf(['auto', 'none'], { description: '`auto`: as much as the model can read.' }) }),
        Closed({
          type: Type.Literal('last_messages', { description: 'The end of the thread only.' }),
          last_messages: Type.Integer({
            minimum: 1,
            description: 'So many messages, the new one included; an answer brings its question along.',
          }),
        }),
      ],
      {
        description:
          'How much of the thread the model is shown. Calls of functions stay with their outputs, answers with their questions.',
      },
    ),
  ),
  max_completion_tokens: Type.Optional(
    Type.Integer({ minimum: 1, description: 'The most tokens that the answers of all rounds may have together.' }),
  ),
  tool_choice: Type.Optional(
    Type.Union(
      [
        OneOf(['auto', 'none', 'required']),
        Closed({ function: Type.String({ pattern: FUNCTION_NAME, description: 'The function that must be called.' }) }),
      ],
      {
        description: 'Whether the model must use a tool, or which function. Holds for the first round.',
      },
    ),
  ),
  parallel_tool_calls: Type.Optional(
    Type.Boolean({ description: 'Whether the model may ask for several calls at once.', default: true }),
  ),
  metadata: Type.Optional(
    Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 512 }), {
      maxProperties: 13,
      description: 'Up to 13 pairs of text, stored with each answer (three more are ours).',
    }),
  ),
};

export const Assistant = Closed({
  name: Type.Optional(Type.String({ maxLength: 256, description: 'For people.' })),
  description: Type.Optional(Type.String({ maxLength: 512, description: 'For people.' })),
  ...assistantKeys,
});

const Image = Closed({
  url: Type.Optional(Type.String({ minLength: 1, description: 'An http(s) address or a `data:` URL. The server fetches it.' })),
  path: Type.Optional(FilePath({ description: 'A file, sent along.' })),
  file_id: Type.Optional(Type.String({ minLength: 1, description: 'A file that was uploaded before.' })),
  detail: Type.Optional(OneOf(['auto', 'low', 'high'], { default: 'auto', description: 'How closely the model looks.' })),
});

const Message = Closed({
  role: OneOf(['user', 'assistant', 'system'], { description: 'Who says it.' }),
  content: Type.String({ minLength: 1, description: 'What is said.' }),
});

const Fallback = Closed({
  wire: Type.Optional(OneOf(WIRE_NAMES, { description: 'The API.' })),
  model: Type.Optional(Type.String({ minLength: 1, description: 'The model; that of the step otherwise.' })),
  base_url: Type.Optional(Type.String({ minLength: 1, description: 'Another server. Its key has to be given, too.' })),
  api_key: Type.Optional(Type.String({ minLength: 1, description: 'The key of that server: `{{ secrets.OTHER_KEY }}`.' })),
  server: Type.Optional(ServerName),
});

/** What a question takes, by our own names. */
const questionKeys = {
  prompt: Type.Optional(
    Type.String({ minLength: 1, description: 'What is asked. Alert text in it is data: it is never rendered again.' }),
  ),
  messages: Type.Optional(
    Type.Array(Message, { minItems: 1, description: 'Instead of a prompt: the messages that are added to the thread.' }),
  ),
  assistant: Type.Optional(
    Type.Union([FilePath({ description: 'An assistant file, or an id.', otherThan: ASSISTANT_ID }), Assistant], {
      description: 'The assistant: a YAML file, or a map with the same keys; on the wire `assistants` also an id (`asst_…`).',
    }),
  ),
  additional_instructions: Type.Optional(
    Type.String({ minLength: 1, description: "For this run only, after the assistant's instructions." }),
  ),
  thread_id: Type.Optional(
    Type.String({
      minLength: 1,
      description: "The conversation to go on with: an earlier step's `results.thread_id`. Without it a new one begins.",
    }),
  ),
  thread: Type.Optional(
    Closed(
      {
        key: KeyText({
          description: 'What the thread is for: `{{ alert.fingerprint }}`, a chat, a customer. No `{{ }}` in it may be empty.',
        }),
        scope: Type.Optional(KeyScope),
        ttl: Type.Optional(Duration('How long after its last use the key leads to it; for ever by default.')),
        on_busy: Type.Optional(
          OneOf(['queue', 'fail'], {
            default: 'queue',
            description: 'When another run has it, here or over `assistants` at its server: wait in line, or fail.',
          }),
        ),
      },
      { description: 'Instead of `thread_id`: the thread of a key of your own. The first step that names it begins it.' },
    ),
  ),
  additional_messages: Type.Optional(Type.Array(Message, { minItems: 1, description: 'Further messages, after the prompt.' })),
  images: Type.Optional(Type.Array(Image, { description: 'Pictures for the model to look at.' })),
  attachments: Type.Optional(Type.Array(Attachment, { description: 'Files for the model to read, or for its tools.' })),
  knowledge: Type.Optional(Knowledge),
  ...assistantKeys,
  max_tool_rounds: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 10,
      description: 'How often the model may call functions before the step fails.',
    }),
  ),
  parse_json: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Whether `results.response` is the data of an answer that is JSON; `false` leaves it text.',
    }),
  ),
  timeout: Type.Optional(Duration('How long the whole conversation turn may take, function calls included; default 10m.')),
  stream: Type.Optional(
    Type.Boolean({ default: true, description: 'Receive the answer as it is written. The results are the same.' }),
  ),
  store: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Whether the conversation is kept. `false` means no thread. Not over the wire `assistants`.',
    }),
  ),
  wire: Type.Optional(
    OneOf(['auto', ...WIRE_NAMES], {
      default: 'auto',
      description:
        'Which API is spoken. `auto`: Responses at OpenAI and Azure, Chat Completions elsewhere. `assistants` is for servers that still speak it.',
    }),
  ),
  fallback: Type.Optional(
    Type.Array(Type.Union([OneOf(WIRE_NAMES), Fallback]), {
      description: 'What is tried in turn when asking fails: wires, or other models and servers. They share the thread.',
    }),
  ),
  on_unsupported: Type.Optional(
    OneOf(['error', 'warn'], {
      default: 'error',
      description:
        'What the wire, the server or the model cannot do: fail before anything is paid, or leave it out with a warning.',
    }),
  ),
  background: Type.Optional(
    Type.Boolean({
      description:
        'Let the answer be made at the server whether or not the connection holds; a broken stream is gone on with. Wire `responses`. Default: `true` for streams of runs that are kept, where the server can.',
    }),
  ),
  idle_timeout: Type.Optional(
    Duration('How long nothing may come of a stream, not even a comment that keeps it alive; default 5m.'),
  ),
  max_retries: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 20,
      description:
        "How often a request is repeated by itself, where nothing can be paid or done twice. In the place of the configuration's.",
    }),
  ),
  max_cost_usd: Type.Optional(
    Type.Number({
      minimum: 0,
      description:
        'The most that the step may cost, in US dollars: the next request is not sent when that much is spent. Needs `prices:`.',
    }),
  ),
  functions_off: Type.Optional(
    Type.Boolean({ default: false, description: 'Offer no tools at all: to find out whether one of them is the culprit.' }),
  ),
  max_parallel_calls: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 128, default: 8, description: 'How many functions run at the same time.' }),
  ),
  ...operationKeys,
  extra: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'Further fields of the request, passed on as they are.' }),
  ),
};

export const Params = Closed({ ...questionKeys, ...otherKeys }, { 'x-threadline-hints': FOREIGN_NAMES });

export type Params = Static<typeof Params>;
export type Assistant = Static<typeof Assistant>;
