import type { JsonObject } from 'threadline/provider';
import { type Ask, allInstructions, type Format, type Tool, type ToolChoice } from '../question/ask.ts';
import { asJson, type Item, type MessageItem, type Part } from '../question/items.ts';
import { withJsonWord } from './ensure-json-mentioned.ts';
import type { SendOptions } from './wire.ts';
import { withExtra } from './with-extra.ts';

/** The body of `POST /responses`. `conversation` is the server's thread, where it keeps one that this request goes on from. */
export function bodyOf(ask: Ask, conversation: string | undefined, items: Item[], options: SendOptions): JsonObject {
  const format = formatOf(ask.format);
  const offersTools = ask.tools.length > 0;
  const body = {
    model: ask.model,
    input: inputOf(ask.format.type === 'json_object' ? withJsonWord(items) : items),
    instructions: allInstructions(ask),
    conversation,
    tools: offersTools ? ask.tools.map(toolOf) : undefined,
    tool_choice: offersTools ? choiceOf(options.toolChoice) : undefined,
    parallel_tool_calls: offersTools ? ask.parallelToolCalls : undefined,
    text: format && { format },
    temperature: ask.temperature,
    top_p: ask.topP,
    max_output_tokens: options.maxOutputTokens,
    reasoning: ask.reasoningEffort && { effort: ask.reasoningEffort },
    truncation: ask.truncation.type === 'auto' ? 'auto' : undefined,
    background: ask.background ? true : undefined,
    metadata: ask.metadata,
    store: ask.store ? undefined : false,
    // A reasoning model's thoughts go back to it in the next round, sealed, when the server keeps nothing.
    include: ask.store ? undefined : ['reasoning.encrypted_content'],
  };
  return withExtra(asJson(body) as JsonObject, ask.extra);
}

/** Items in the words of this API; what another wire alone understands is left out. */
export const inputOf = (items: readonly Item[]): JsonObject[] => items.flatMap(inputItem);

function inputItem(item: Item): JsonObject[] {
  if (item.type === 'message') return [messageItem(item)];
  if (item.type === 'tool_output') return [{ type: 'function_call_output', call_id: item.callId, output: item.output }];
  if (item.type === 'opaque') return item.wire === 'responses' ? [item.item] : [];
  return [{ type: 'function_call', call_id: item.callId, name: item.name, arguments: item.arguments }];
}

const choiceOf = (choice: ToolChoice | undefined) =>
  typeof choice === 'object' ? { type: 'function', name: choice.function } : choice;

/** What the assistant said is sent as bare text: in parts it would have to be a whole message with an id of the server's. */
const messageItem = ({ role, parts }: MessageItem): JsonObject => ({
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
