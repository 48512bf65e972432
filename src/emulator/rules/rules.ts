import { Closed, OneOf, type Static, Type } from '../../shared/schema/schema.ts';

const Text = (description: string) => Type.Optional(Type.String({ description }));
const Milliseconds = (description: string) => Type.Optional(Type.Integer({ minimum: 0, description }));

const When = Closed(
  {
    prompt: Text('Part of the last user message, or /regex/flags.'),
    instructions: Text('Part of the instructions, or /regex/flags.'),
    tool_output: Text('Part of what the functions answered that this request hands in, or /regex/flags.'),
    schema: Text('The name of the JSON schema that is asked for, or /regex/flags.'),
    tool: Text('The name of a function that is offered, or /regex/flags.'),
    model: Text('The name of the model, or /regex/flags.'),
    path: Text('The path below /v1, `*` for one segment: /responses, /conversations/*/items, /threads/*/runs.'),
    turn: Type.Optional(Type.Integer({ minimum: 0, description: 'How many assistant messages the conversation already has.' })),
  },
  { description: 'All that is given must hold. Nothing given: every request.' },
);

const ToolCall = Closed({
  name: Type.String({ minLength: 1 }),
  arguments: Type.Optional(Type.Unknown({ description: 'Any JSON. A string goes out as it is, so it may be broken JSON.' })),
});

const FAILURE_CODES = [
  'server_error',
  'rate_limit_exceeded',
  'invalid_prompt',
  'data_residency_mismatch',
  'bio_policy',
  'vector_store_timeout',
  'invalid_image',
  'invalid_image_format',
  'invalid_base64_image',
  'invalid_image_url',
  'image_too_large',
  'image_too_small',
  'image_parse_error',
  'image_content_policy_violation',
  'invalid_image_mode',
  'image_file_too_large',
  'unsupported_image_media_type',
  'empty_image_file',
  'failed_to_download_image',
  'image_file_not_found',
] as const;

const Failure = Closed(
  { code: OneOf(FAILURE_CODES), message: Type.String() },
  { description: 'The response itself fails, with HTTP status 200.' },
);

const HttpError = Closed({
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  code: Text("OpenAI's error code, such as rate_limit_exceeded."),
  message: Text('The sentence in the error.'),
  param: Text('The parameter that is refused, such as temperature.'),
  type: Text("OpenAI's error type, such as insufficient_quota. Follows from the status when left out."),
  headers: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), { description: 'Such as retry-after: 2.' }),
  ),
});

const Index = (description: string) => Type.Optional(Type.Integer({ minimum: 0, description }));
const range = {
  start_index: Index('The first character that it is about; 0 when left out.'),
  end_index: Index('The character after the last; the end of the text when left out.'),
};

const CitationSchema = Type.Union([
  Closed({ type: Type.Literal('url_citation'), url: Type.String({ minLength: 1 }), title: Text('Of the page.'), ...range }),
  Closed({
    type: Type.Literal('file_citation'),
    filename: Type.String(),
    file_id: Text('The newest file of that name, when left out.'),
    index: Index('Behind which character it stands; the end of the text when left out.'),
  }),
  Closed({
    type: Type.Literal('container_file_citation'),
    container_id: Type.String(),
    file_id: Type.String(),
    filename: Type.String(),
    ...range,
  }),
]);

const ContainerFile = Closed({
  container_id: Text('One that the answer makes up, when left out.'),
  filename: Type.String({ minLength: 1 }),
  text: Type.String({ description: 'What the file contains.' }),
});

/** Additions to a text. */
const sources = {
  annotations: Type.Optional(Type.Array(CitationSchema, { description: 'Responses: citations on the text.' })),
  container_files: Type.Optional(
    Type.Array(ContainerFile, { description: 'Responses: files that the answer makes. They are cited and can be downloaded.' }),
  ),
  file_search: Type.Optional(
    Type.Literal(true, { description: 'Responses: searches files before the text, if the request offers it.' }),
  ),
};

/** Disturbances of the exchange, with or without an answer. */
const disturbances = {
  latency_ms: Milliseconds('Waits so long before answering. Vector stores: takes so long to read the files.'),
  chunk_latency_ms: Milliseconds('Streams: waits so long before each event.'),
  slow_bytes_ms: Milliseconds('Sends 64 bytes at a time, and waits so long before each.'),
  cut_after: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Streams: the connection breaks, or stall or garbage begins, after so many events.',
    }),
  ),
  reset: Type.Optional(
    OneOf(['before', 'after'], { description: 'Breaks the connection, before anything is done or after everything is.' }),
  ),
  stall: Type.Optional(Type.Literal(true, { description: 'Sends the beginning of the answer, and then nothing more.' })),
  garbage: Type.Optional(Type.Literal(true, { description: 'Sends a body that is no JSON; streams: one event that is none.' })),
  html: Type.Optional(
    Type.Literal(true, {
      description: 'Does nothing and sends an HTML page, as proxies do. The status is 200, or that of `error`.',
    }),
  ),
};

const RuleSchema = Closed({
  when: Type.Optional(When),
  text: Text('Answers with this text.'),
  json: Type.Optional(Type.Unknown({ description: 'Answers with this value as JSON text.' })),
  tool_calls: Type.Optional(Type.Array(ToolCall, { minItems: 1, description: 'Answers by calling functions.' })),
  refusal: Text('Answers with a refusal.'),
  incomplete: Type.Optional(
    OneOf(['max_output_tokens', 'content_filter'], { description: 'The answer breaks off; `text` is what came before.' }),
  ),
  failed: Type.Optional(Failure),
  error: Type.Optional(HttpError),
  expired: Type.Optional(
    Type.Literal(true, {
      description: 'Runs of the Assistants API: the run expires. With tool_calls: when their outputs come, they come too late.',
    }),
  ),
  ...sources,
  ...disturbances,
  times: Type.Optional(Type.Integer({ minimum: 1, description: 'Holds so many times, then the rules after it decide.' })),
  probability: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'Holds only that often, by chance; otherwise the rules after it decide.',
    }),
  ),
});

/** The rules file of the emulator. */
export const RuleFileSchema = Closed({
  rules: Type.Array(RuleSchema, { description: 'Tried in order; the first that holds gives the answer.' }),
});

export type Rule = Static<typeof RuleSchema>;
export type Citation = Static<typeof CitationSchema>;
export type Sources = Pick<Rule, keyof typeof sources>;
export type Conditions = Static<typeof When>;

export const SOURCE_KEYS = ['annotations', 'container_files', 'file_search'] as const;
export const ANSWER_KEYS = ['text', 'json', 'tool_calls', 'refusal', 'incomplete', 'failed', 'error', 'expired'] as const;
/** A rule has at most one of these. */
export const BREAKS = ['reset', 'stall', 'garbage', 'html'] as const;
const DISTURBANCES = ['latency_ms', 'chunk_latency_ms', 'slow_bytes_ms', 'cut_after', ...BREAKS] as const;

export const hasAnswer = (rule: Rule): boolean => ANSWER_KEYS.some((key) => rule[key] !== undefined);
export const isDisturbing = (rule: Rule): boolean => DISTURBANCES.some((key) => rule[key] !== undefined);
