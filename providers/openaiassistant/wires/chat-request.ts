import { isObject, type Json, type JsonObject, ThreadlineError } from 'threadline/provider';
import { isTextFile } from '../base/file-kind.ts';
import { readDataUrl } from '../base/media-type.ts';
import type { Server } from '../dialects/server.ts';
import { type Ask, allInstructions } from '../question/ask.ts';
import { asJson, type Item, type MessageItem, type Part, type ToolCallItem, textOfParts } from '../question/items.ts';
import { inOrder } from './chat-order.ts';
import { nestedChoice, nestedFormat, nestedFunction } from './chat-tool-format.ts';
import { ensureJsonMentioned } from './ensure-json-mentioned.ts';
import { callingTurns, fieldsFor, withoutPlainThoughts } from './foreign-fields.ts';
import { toolsFor } from './offered-tools.ts';
import type { SendOptions } from './wire.ts';
import { withExtra } from './with-extra.ts';

/** The body of `POST /chat/completions`: the thread, as far as it is shown, goes along each time. */
export function chatBodyOf(ask: Ask, server: Server & { origin: string }, items: Item[], options: SendOptions): JsonObject {
  const { can, origin } = server;
  const shown = ask.format.type === 'json_object' ? ensureJsonMentioned(items) : items;
  const { tools: offered, toolChoice } = toolsFor(ask, can, shown, options.toolChoice);
  const tools = offered.flatMap((tool) => (tool.type === 'function' ? [nestedFunction(tool)] : []));
  const offersTools = tools.length > 0;
  const limit = can.max_completion_tokens ? 'max_completion_tokens' : 'max_tokens';
  const body = {
    model: ask.model,
    messages: inOrder([...instructionsOf(ask), ...messagesOf(shown, can.own_fields ? origin : undefined)], can),
    tools: offersTools ? tools : undefined,
    tool_choice: offersTools && can.tool_choice ? nestedChoice(toolChoice) : undefined,
    parallel_tool_calls: offersTools && can.parallel_tool_calls ? ask.parallelToolCalls : undefined,
    response_format: nestedFormat(ask.format),
    temperature: ask.temperature,
    top_p: ask.topP,
    [limit]: options.maxOutputTokens,
    reasoning_effort: ask.reasoningEffort,
    stream: ask.stream,
    stream_options: ask.stream && can.stream_usage ? { include_usage: true } : undefined,
  };
  return withExtra(asJson(body) as JsonObject, ask.extra);
}

/** `system` is understood everywhere; OpenAI's newer models read it as `developer`. */
function instructionsOf(ask: Ask): JsonObject[] {
  const content = allInstructions(ask);
  return content === undefined ? [] : [{ role: 'system', content }];
}

/** The messages of a thread; the calls of a round stand in one message of the assistant. `origin`: the server that gets its own fields back. */
function messagesOf(items: readonly Item[], origin: string | undefined): JsonObject[] {
  const messages: JsonObject[] = [];
  const calling = callingTurns(items);
  for (const item of items) {
    if (item.type === 'tool_call') callsOf(messages).push(callBodyOf(item, origin));
    else if (item.type === 'tool_output') messages.push({ role: 'tool', tool_call_id: item.callId, content: item.output });
    else if (item.type === 'message') messages.push(messageBodyOf(item));
    else if (item.wire === 'chat' && item.origin === origin)
      Object.assign(openMessage(messages), calling.has(item) ? item.item : withoutPlainThoughts(item.item));
  }
  return messages;
}

/** The assistant's message that is not over yet: its last one, if no calls follow, else a new one without a text. */
function openMessage(messages: JsonObject[]): JsonObject {
  const last = messages.at(-1);
  if (last?.role === 'assistant' && last.tool_calls === undefined) return last;
  const message = { role: 'assistant', content: null };
  messages.push(message);
  return message;
}

/** The calls of the round that is under way. */
function callsOf(messages: JsonObject[]): Json[] {
  const last = messages.at(-1);
  const message = last?.role === 'assistant' ? last : openMessage(messages);
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  message.tool_calls = calls;
  return calls;
}

function callBodyOf({ callId, name, arguments: args, foreign }: ToolCallItem, origin: string | undefined): JsonObject {
  const { function: inner, ...beside } = fieldsFor(origin, foreign);
  const called = { name, arguments: args, ...(isObject(inner) ? inner : {}) };
  return { id: callId, type: 'function', function: called, ...beside };
}

function messageBodyOf({ role, parts }: MessageItem): JsonObject {
  if (role !== 'user') return { role, content: textOfParts(parts) };
  const content = parts.map(partBodyOf);
  // Some servers take a string only.
  const texts = content.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
  return { role, content: texts.length === content.length ? texts.join('\n') : content };
}

function partBodyOf(part: Part): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if (part.type === 'image') return { type: 'image_url', image_url: { url: part.url ?? '', detail: part.detail } };
  if (part.fileId !== undefined) return { type: 'file', file: { file_id: part.fileId } };
  const name = part.name ?? 'file';
  const text = textOfFile(name, part.dataUrl ?? '');
  if (text !== undefined) return { type: 'text', text: `File ${name}:\n${text}` };
  return { type: 'file', file: { filename: name, file_data: part.dataUrl ?? '' } };
}

/** The text of a file, because this API reads PDF files only; undefined of a PDF file. */
function textOfFile(name: string, dataUrl: string): string | undefined {
  const { mediaType, bytes = new Uint8Array() } = readDataUrl(dataUrl) ?? {};
  if (mediaType === 'application/pdf') return undefined;
  if (isTextFile(bytes)) return Buffer.from(bytes).toString('utf8');
  throw new ThreadlineError('unsupported', `${name} cannot be sent over the wire \`chat\`: it takes text, PDF and pictures.`, {
    hint: 'Attach it as PDF, or ask over `wire: responses`.',
  });
}
