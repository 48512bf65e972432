import { Closed, Duration, FilePath, OneOf, type Static, Step, Type, WorkflowPath } from 'threadline/provider';
import { McpServer } from './mcp/schema.ts';
import { type Capabilities, PRESETS, SERVER_NAMES } from './servers.ts';
import { WIRES } from './wires/wire.ts';

const FUNCTION_NAME = '^[a-zA-Z0-9_-]{1,64}$';

const CAPABILITIES = Object.keys(PRESETS.openai.can) as (keyof Capabilities)[];

/** What a server can do, key by key. */
const CapabilitiesSchema = Type.Unsafe<Partial<Capabilities>>({
  ...Closed(Object.fromEntries(CAPABILITIES.map((name) => [name, Type.Optional(Type.Boolean())]))),
  description: 'What the server can do, where it differs from what is known of its kind.',
});

const ServerName = OneOf(SERVER_NAMES, {
  description: 'What kind of server that is. Told by its host and port otherwise; `compatible` when these say nothing.',
});

export const Config = Closed({
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
    OneOf(['auto', ...WIRES], {
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
});

const JsonSchemaFormat = Closed({
  name: Type.Optional(Type.String({ pattern: FUNCTION_NAME, description: 'What the model is told the schema is called.' })),
  description: Type.Optional(Type.String({ description: 'What the answer is for, for the model.' })),
  schema: Type.Union([FilePath({ description: 'A JSON Schema file.' }), Type.Record(Type.String(), Type.Unknown())], {
    description: 'A JSON Schema, or a file of one.',
  }),
  strict: Type.Optional(
    Type.Boolean({
      description: 'Let the server enforce the schema. Needs `additionalProperties: false` and all keys required.',
    }),
  ),
  repair: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 5,
      description: 'How often the model is asked again, with what is wrong, when its answer does not fit.',
      default: 0,
    }),
  ),
});

export const ResponseFormat = Type.Union(
  [
    OneOf(['auto', 'text', 'json_object']),
    JsonSchemaFormat,
    Closed({ type: OneOf(['text', 'json_object'], { description: "OpenAI's own form." }) }),
    Closed({
      type: Type.Literal('json_schema', { description: "OpenAI's own form, with a schema." }),
      json_schema: Type.Unsafe<Static<typeof JsonSchemaFormat>>({
        ...JsonSchemaFormat,
        description: 'The schema, and its name.',
      }),
    }),
  ],
  {
    description:
      'What the answer must be: `json_object`, `{ schema: … }`, or a form of OpenAI. With JSON, `results.response` is the data.',
  },
);

const FunctionTool = Closed({
  function: Type.String({ pattern: FUNCTION_NAME, examples: ['recent_deploys'], description: 'The name that the model calls.' }),
  description: Type.Optional(Type.String({ description: 'What it does, for the model.' })),
  parameters: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'A JSON Schema of the arguments, which are checked against it.' }),
  ),
  strict: Type.Optional(Type.Boolean({ description: 'Let the server enforce the parameters.' })),
  timeout: Type.Optional(Duration('How long a call may take; default 60s.')),
  retries: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 10, default: 0, description: 'How often a call that failed in passing is tried again.' }),
  ),
  provider: Type.Optional(Step({ description: 'The step that does it. Its templates read the arguments as `args`.' })),
});

const WorkflowTool = Closed({
  workflow: WorkflowPath({
    description: 'A workflow that the model may run: its inputs are the parameters, its outputs the answer.',
  }),
  name: Type.Optional(
    Type.String({ pattern: FUNCTION_NAME, description: "The name that the model calls; the workflow's id otherwise." }),
  ),
  description: Type.Optional(Type.String({ description: 'What it does, for the model.' })),
  timeout: Type.Optional(Duration('How long a call may take; default 60s.')),
});

const McpTools = Closed({
  mcp: Type.Unsafe<McpServer>({ ...McpServer, description: 'An MCP server, whose tools the model may use.' }),
});

const OpenAiFunction = Closed({
  type: Type.Literal('function', { description: "A declaration in OpenAI's form; its step stands in the workflow." }),
  function: Closed(
    {
      name: Type.String({ pattern: FUNCTION_NAME, description: 'The name that the model calls.' }),
      description: Type.Optional(Type.String({ description: 'What it does, for the model.' })),
      parameters: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'A JSON Schema of the arguments.' })),
      strict: Type.Optional(Type.Boolean({ description: 'Let the server enforce the parameters.' })),
    },
    { description: 'What is declared.' },
  ),
});

const FileSearch = Closed({
  type: Type.Literal('file_search', { description: 'Looks into vector stores, on the server.' }),
  vector_store_ids: Type.Optional(Type.Array(Type.String(), { description: 'Where it looks.' })),
  max_num_results: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, description: 'How much it may find.' })),
});
const CodeInterpreter = Closed({ type: Type.Literal('code_interpreter', { description: 'Runs code, on the server.' }) });
const WebSearch = Closed({ type: Type.Literal('web_search', { description: 'Looks into the web, on the server.' }) });

export const Tools = Type.Array(
  Type.Union([
    OneOf(['file_search', 'code_interpreter', 'web_search']),
    FunctionTool,
    WorkflowTool,
    McpTools,
    OpenAiFunction,
    FileSearch,
    CodeInterpreter,
    WebSearch,
  ]),
  {
    maxItems: 128,
    description: 'What the model may use: built-in tools by name, and functions, each of which is a step.',
  },
);

/** What an assistant is; in `assistant:` (a file or a map), or among the parameters, which win. */
const assistantKeys = {
  model: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'The model. Required here, in the assistant, or in the configuration: there is no default.',
    }),
  ),
  instructions: Type.Optional(Type.String({ maxLength: 256_000, description: 'Who the assistant is and what it does.' })),
  tools: Type.Optional(Tools),
  vector_store_ids: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: 'Where `file_search` looks.' })),
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
          last_messages: Type.Integer({ minimum: 1, description: 'So many messages, the new one included.' }),
        }),
      ],
      {
        description: 'How much of the thread the model is shown. Calls of functions stay with their outputs.',
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

const Attachment = Closed({
  file_id: Type.Optional(Type.String({ minLength: 1, description: 'A file that was uploaded before.' })),
  path: Type.Optional(FilePath({ description: 'A file, sent along with the message.' })),
  tools: Type.Optional(
    Type.Array(Type.Union([OneOf(['code_interpreter']), CodeInterpreter]), {
      minItems: 1,
      description: 'Gives an uploaded file to the code interpreter instead of the model.',
    }),
  ),
});

const Message = Closed({
  role: OneOf(['user', 'assistant', 'system'], { description: 'Who says it.' }),
  content: Type.String({ minLength: 1, description: 'What is said.' }),
});

const Fallback = Closed({
  wire: Type.Optional(OneOf(WIRES, { description: 'The API.' })),
  model: Type.Optional(Type.String({ minLength: 1, description: 'The model; that of the step otherwise.' })),
  base_url: Type.Optional(Type.String({ minLength: 1, description: 'Another server. Its key has to be given, too.' })),
  api_key: Type.Optional(Type.String({ minLength: 1, description: 'The key of that server: `{{ secrets.OTHER_KEY }}`.' })),
  server: Type.Optional(ServerName),
});

export const Params = Closed({
  prompt: Type.Optional(
    Type.String({ minLength: 1, description: 'What is asked. Alert text in it is data: it is never rendered again.' }),
  ),
  messages: Type.Optional(
    Type.Array(Message, { minItems: 1, description: 'Instead of a prompt: the messages that are added to the thread.' }),
  ),
  assistant: Type.Optional(
    Type.Union([FilePath({ description: 'An assistant file.' }), Assistant], {
      description: 'The assistant: a YAML file, or a map with the same keys.',
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
        key: Type.String({ minLength: 1, description: 'What the thread is for: `{{ alert.fingerprint }}`, a chat, a customer.' }),
        ttl: Type.Optional(Duration('How long after its last use the key leads to it; for ever by default.')),
        on_busy: Type.Optional(
          OneOf(['queue', 'fail'], { default: 'queue', description: 'When another run writes to it: wait in line, or fail.' }),
        ),
      },
      { description: 'Instead of `thread_id`: the thread of a key of your own. The first step that names it begins it.' },
    ),
  ),
  additional_messages: Type.Optional(Type.Array(Message, { minItems: 1, description: 'Further messages, after the prompt.' })),
  images: Type.Optional(Type.Array(Image, { description: 'Pictures for the model to look at.' })),
  attachments: Type.Optional(Type.Array(Attachment, { description: 'Files for the model to read.' })),
  ...assistantKeys,
  max_tool_rounds: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 10,
      description: 'How often the model may call functions before the step fails.',
    }),
  ),
  timeout: Type.Optional(Duration('How long the whole conversation turn may take, function calls included; default 10m.')),
  max_wait_time: Type.Optional(Duration("Keep's name for `timeout`.")),
  stream: Type.Optional(
    Type.Boolean({ default: true, description: 'Receive the answer as it is written. The results are the same.' }),
  ),
  store: Type.Optional(
    Type.Boolean({ default: true, description: 'Whether the server keeps the conversation. `false` means no thread.' }),
  ),
  wire: Type.Optional(
    OneOf(['auto', ...WIRES], {
      default: 'auto',
      description:
        'Which API is spoken. `auto`: Responses at OpenAI and Azure, Chat Completions elsewhere. `assistants` is for servers that still speak it.',
    }),
  ),
  fallback: Type.Optional(
    Type.Array(Type.Union([OneOf(WIRES), Fallback]), {
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
      default: false,
      description: 'Let the answer be made at the server whether or not the connection holds; a broken stream is gone on with.',
    }),
  ),
  idle_timeout: Type.Optional(Duration('How long a stream may say nothing; default 5m.')),
  max_retries: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 20,
      description:
        "How often a request is repeated by itself, where nothing can be paid or done twice. In the place of the configuration's.",
    }),
  ),
  functions_off: Type.Optional(
    Type.Boolean({ default: false, description: 'Offer no tools at all: to find out whether one of them is the culprit.' }),
  ),
  max_parallel_calls: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 128, default: 8, description: 'How many functions run at the same time.' }),
  ),
  extra: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'Further fields of the request, passed on as they are.' }),
  ),
});

export type Params = Static<typeof Params>;
export type Assistant = Static<typeof Assistant>;
export type Config = Static<typeof Config>;
