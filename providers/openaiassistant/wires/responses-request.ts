import type { JsonObject } from 'threadline/provider';
import type { Server } from '../dialects/server.ts';
import { type Ask, allInstructions, type Format, type Tool, type ToolChoice } from '../question/ask.ts';
import { asJson, type Item, type MessageItem, type Part } from '../question/items.ts';
import { ensureJsonMentioned } from './ensure-json-mentioned.ts';
import { toolsFor } from './offered-tools.ts';
import type { SendOptions } from './wire.ts';
import { withExtra } from './with-extra.ts';

/** The body of `POST /responses`. `conversation`: the id of the server's thread, if the request goes on from one. */
export function bodyOf(
  ask: Ask,
  { can }: Server,
  conversation: string | undefined,
  items: Item[],
  options: SendOptions,
): JsonObject {
  const { tools, toolChoice } = toolsFor(ask, can, items, options.toolChoice);
  const format = formatBodyOf(ask.format);
  const offersTools = tools.length > 0;
  const body = {
    model: ask.model,
    input: inputOf(ask.format.type === 'json_object' ? ensureJsonMentioned(items) : items),
    instructions: allInstructions(ask),
    conversation,
    tools: offersTools ? tools.map(toolBodyOf) : undefined,
    tool_choice: offersTools ? choiceBodyOf(toolChoice) : undefined,
    parallel_tool_calls: offersTools ? ask.parallelToolCalls : undefined,
    text: format && { format },
    temperature: ask.temperature,
    top_p: ask.topP,
    max_output_tokens: options.maxOutputTokens,
    reasoning: ask.reasoningEffort && { effort: ask.reasoningEffort },
    // Where the server does not shorten threads, they are shortened here.
    truncation: ask.truncation.type === 'auto' && can.truncation ? 'auto' : undefined,
    background: ask.background ? true : undefined,
    metadata: ask.metadata,
    store: ask.store ? undefined : false,
    // Where the server keeps nothing, a reasoning model gets its thoughts back in the next round, sealed.
    include: ask.store || !can.sealed_thoughts ? undefined : ['reasoning.encrypted_content'],
  };
  return withExtra(asJson(body) as JsonObject, ask.extra);
}

/** Items as this API writes them; opaque items of other wires are left out. */
export const inputOf = (items: readonly Item[]): JsonObject[] => items.flatMap(itemBodyOf);

function itemBodyOf(item: Item): JsonObject[] {
  if (item.type === 'message') return [messageBodyOf(item)];
  if (item.type === 'tool_output') return [{ type: 'function_call_output', call_id: item.callId, output: item.output }];
  if (item.type === 'opaque') return item.wire === 'responses' ? [item.item] : [];
  return [{ type: 'function_call', call_id: item.callId, name: item.name, arguments: item.arguments }];
}

const choiceBodyOf = (choice: ToolChoice | undefined) =>
  typeof choice === 'object' ? { type: 'function', name: choice.function } : choice;

/** The assistant's messages are sent as plain text: in parts, the API wants them whole, with the server's id. */
const messageBodyOf = ({ role, parts }: MessageItem): JsonObject => ({
  type: 'message',
  role,
  content: role === 'assistant' ? parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n') : parts.map(partBodyOf),
});

function partBodyOf(part: Part): JsonObject {
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

function toolBodyOf(tool: Tool): JsonObject {
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

function formatBodyOf(format: Format): JsonObject | undefined {
  if (format.type === 'text') return undefined;
  if (format.type === 'json_object') return { type: 'json_object' };
  const { name, description, schema, strict } = format;
  return { type: 'json_schema', name, schema, strict, ...(description === undefined ? {} : { description }) };
}
