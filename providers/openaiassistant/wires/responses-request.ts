import { isObject, type JsonObject } from 'threadline/provider';
import type { Ask, Format, Message, Part, SendOptions, Tool, ToolChoice, ToolOutput } from './wire.ts';

/** The body of `POST /responses`. */
export function bodyOf(ask: Ask, threadId: string | null, input: JsonObject[], options: SendOptions): JsonObject {
  const format = formatOf(ask.format);
  const offersTools = ask.tools.length > 0;
  const body: Record<string, unknown> = {
    model: ask.model,
    input: ask.format.type === 'json_object' ? withJsonWord(input) : input,
    instructions: ask.instructions,
    conversation: threadId ?? undefined,
    tools: offersTools ? ask.tools.map(toolOf) : undefined,
    tool_choice: offersTools ? choiceOf(options.toolChoice) : undefined,
    parallel_tool_calls: offersTools ? ask.parallelToolCalls : undefined,
    text: format && { format },
    temperature: ask.temperature,
    top_p: ask.topP,
    max_output_tokens: options.maxOutputTokens,
    reasoning: ask.reasoningEffort && { effort: ask.reasoningEffort },
    metadata: ask.metadata,
    store: ask.store ? undefined : false,
    // A reasoning model's thoughts go back to it in the next round, sealed, when the server keeps nothing.
    include: ask.store ? undefined : ['reasoning.encrypted_content'],
  };
  return withExtra(JSON.parse(JSON.stringify(body)) as JsonObject, ask.extra);
}

/** `extra` has the last word, inside maps too: `text: { verbosity: low }` does not take the format away. */
function withExtra(body: JsonObject, extra: JsonObject): JsonObject {
  const merged = { ...body };
  for (const [key, value] of Object.entries(extra)) {
    const given = body[key];
    merged[key] = isObject(given) && isObject(value) ? { ...given, ...value } : value;
  }
  return merged;
}

export const outputItem = ({ callId, output }: ToolOutput): JsonObject => ({
  type: 'function_call_output',
  call_id: callId,
  output,
});

const choiceOf = (choice: ToolChoice | undefined) =>
  typeof choice === 'object' ? { type: 'function', name: choice.function } : choice;

/** The API takes json_object only when the text of the input itself (instructions do not count) speaks of JSON. */
function withJsonWord(input: JsonObject[]): JsonObject[] {
  const partsOf = ({ content }: JsonObject) => (Array.isArray(content) ? content.filter(isObject) : []);
  const users = input.filter((item) => item.role === 'user');
  const last = users.at(-1);
  if (!last || users.flatMap(partsOf).some(({ text }) => typeof text === 'string' && /json/i.test(text))) return input;
  const note = { type: 'input_text', text: 'Respond with a valid JSON object.' };
  return input.map((item) => (item === last ? { ...item, content: [...partsOf(item), note] } : item));
}

/** What the assistant said is sent as bare text: in parts it would have to be a whole message with an id of the server's. */
export const inputItem = ({ role, parts }: Message): JsonObject => ({
  type: 'message',
  role,
  content: role === 'assistant' ? parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n') : parts.map(contentOf),
});

function contentOf(part: Part): JsonObject {
  if (part.type === 'text') return { type: 'input_text', text: part.text };
  if (part.type === 'image') {
    return {
      type: 'input_image',
      detail: part.detail,
      ...(part.fileId === undefined ? { image_url: part.url ?? '' } : { file_id: part.fileId }),
    };
  }
  return part.fileId === undefined
    ? { type: 'input_file', filename: part.name ?? 'file', file_data: part.dataUrl ?? '' }
    : { type: 'input_file', file_id: part.fileId };
}

function toolOf(tool: Tool): JsonObject {
  if (tool.type === 'function') {
    const { name, description, parameters, strict } = tool;
    return { type: 'function', name, parameters, strict, ...(description === undefined ? {} : { description }) };
  }
  if (tool.type === 'file_search') {
    return {
      type: 'file_search',
      vector_store_ids: tool.vectorStoreIds,
      ...(tool.maxResults === undefined ? {} : { max_num_results: tool.maxResults }),
    };
  }
  if (tool.type === 'code_interpreter') {
    return {
      type: 'code_interpreter',
      container: { type: 'auto', ...(tool.fileIds.length > 0 ? { file_ids: tool.fileIds } : {}) },
    };
  }
  return { type: 'web_search' };
}

function formatOf(format: Format): JsonObject | undefined {
  if (format.type === 'text') return undefined;
  if (format.type === 'json_object') return { type: 'json_object' };
  const { name, description, schema, strict } = format;
  return { type: 'json_schema', name, schema, strict, ...(description === undefined ? {} : { description }) };
}
