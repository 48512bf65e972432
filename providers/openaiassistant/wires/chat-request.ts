import { type JsonObject, ThreadlineError } from 'threadline/provider';
import { isTextFile } from '../base/file-kind.ts';
import { readDataUrl } from '../base/media-type.ts';
import type { Server } from '../dialects/server.ts';
import { type Ask, allInstructions } from '../question/ask.ts';
import { asJson, type Item, isToolCall, type MessageItem, type Part, textOfParts } from '../question/items.ts';
import { inOrder } from './chat-order.ts';
import { nestedChoice, nestedFormat, nestedFunction } from './chat-tool-format.ts';
import { ensureJsonMentioned } from './ensure-json-mentioned.ts';
import { toolsFor } from './offered-tools.ts';
import type { SendOptions } from './wire.ts';
import { withExtra } from './with-extra.ts';

/** The body of `POST /chat/completions`: the thread, as far as it is shown, goes along each time. */
export function chatBodyOf(ask: Ask, server: Server, items: Item[], options: SendOptions): JsonObject {
  const { can } = server;
  const shown = ask.format.type === 'json_object' ? ensureJsonMentioned(items) : items;
  const { tools: offered, toolChoice } = toolsFor(ask, can, shown, options.toolChoice);
  const tools = offered.flatMap((tool) => (tool.type === 'function' ? [nestedFunction(tool)] : []));
  const offersTools = tools.length > 0;
  const limit = can.max_completion_tokens ? 'max_completion_tokens' : 'max_tokens';
  const body = {
    model: ask.model,
    messages: inOrder([...instructionsOf(ask), ...messagesOf(shown)], can),
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

/** The messages of a thread; the calls of a round stand in one message of the assistant. */
function messagesOf(items: readonly Item[]): JsonObject[] {
  const messages: JsonObject[] = [];
  let open: JsonObject | undefined;
  for (const item of items) {
    if (isToolCall(item)) {
      open ??= beginCalls(messages);
      (open.tool_calls as JsonObject[]).push({
        id: item.callId,
        type: 'function',
        function: { name: item.name, arguments: item.arguments },
      });
      continue;
    }
    if (item.type === 'opaque') continue;
    open = undefined;
    messages.push(
      item.type === 'message' ? messageBodyOf(item) : { role: 'tool', tool_call_id: item.callId, content: item.output },
    );
  }
  return messages;
}

/** The message that takes the calls of a round: the assistant's last one, if it has text before them. */
function beginCalls(messages: JsonObject[]): JsonObject {
  const last = messages.at(-1);
  const message = last?.role === 'assistant' && last.tool_calls === undefined ? last : { role: 'assistant', content: null };
  message.tool_calls = [];
  if (message !== last) messages.push(message);
  return message;
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
