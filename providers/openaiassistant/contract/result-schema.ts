import { Closed, isObject, type Json, type JsonObject, type TSchema, Type } from 'threadline/provider';

const Text = () => Type.Union([Type.String(), Type.Null()]);
const Count = () => Type.Union([Type.Number(), Type.Null()]);
const List = <Item extends TSchema>(item: Item) => Type.Array(item);

const Message = Closed({
  id: Text(),
  role: Type.String(),
  text: Type.String(),
  content: Type.String(),
  created_at: Type.String({
    'x-threadline-keep': "a time such as `2026-11-28T09:30:00.000Z`, where the provider of Keep's forks gave seconds since 1970",
  }),
});

const ToolCall = Type.Object({ name: Type.String(), arguments: Type.Unknown(), output: Type.Unknown() });

const Usage = Type.Object({
  prompt_tokens: Count(),
  completion_tokens: Count(),
  total_tokens: Count(),
  cost_usd: Count(),
});

const resultKeys = {
  response: Type.Unknown(),
  text: Type.String(),
  thread_id: Text(),
  conversation_id: Text(),
  run_id: Text(),
  status: Type.String(),
  model: Text(),
  wire: Type.String(),
  messages: List(Message),
  tool_calls: List(ToolCall),
  annotations: List(Type.Object({})),
  files: List(
    Closed({
      file_id: Type.String(),
      filename: Type.String(),
      media_type: Type.String(),
      bytes: Type.Number(),
      data_url: Text(),
      error: Text(),
    }),
  ),
  usage: Usage,
  cost_usd: Count(),
  thread_usage: Type.Union([Usage, Type.Null()]),
  fallbacks: List(
    Closed({ wire: Type.String(), server: Type.String(), error: Closed({ code: Type.String(), message: Type.String() }) }),
  ),
  json: Closed({ ok: Type.Boolean(), how: Text(), error: Text() }),
  raw_response: Type.String(),
  server_response: Type.Unknown(),
};

/** What other providers and APIs call what results have, and what they have that these do not. */
const HINTS = {
  output_items: "Read `tool_calls` for calls, `files` for files, `server_response.output` for the server's own list.",
  output: "Read `text` for the answer, `server_response.output` for the server's own list.",
  output_text: 'Read `text`.',
  content: 'Read `text`.',
  message: 'Read `text`.',
  choices: 'Read `text`.',
  answer: 'Read `response`.',
  response_id: 'Read `run_id`.',
  id: 'Read `run_id` or `thread_id`.',
  finish_reason: 'Read `status`: an answer that was cut off fails the step.',
  prompt_tokens: 'Read `usage.prompt_tokens`.',
  completion_tokens: 'Read `usage.completion_tokens`.',
  total_tokens: 'Read `usage.total_tokens`.',
  cost: 'Read `cost_usd`.',
};

/** The results of a question. Those of other operations are not declared. */
export function resultsOfParams({
  operation = 'ask',
  parse_json: parsesJson,
  response_format: format,
}: JsonObject): TSchema | undefined {
  if (operation !== 'ask') return undefined;
  const response = parsesJson === false ? Type.String() : Type.Unsafe(schemaOf(format) ?? {});
  return Closed({ ...resultKeys, response }, { 'x-threadline-hints': HINTS });
}

/** The schema that the answer is held to, where it is written in the workflow. */
function schemaOf(format: Json | undefined): JsonObject | undefined {
  if (!isObject(format)) return undefined;
  const { schema } = isObject(format.json_schema) ? format.json_schema : format;
  // References lead through the root of the schema, which is not that of the results.
  return isObject(schema) && !JSON.stringify(schema).includes('"$ref"') ? schema : undefined;
}
