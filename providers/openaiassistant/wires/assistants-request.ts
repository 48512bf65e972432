import type { JsonObject } from 'threadline/provider';
import type { Ask, Tool } from '../question/ask.ts';
import { asJson, type MessageItem, type Part, textOfParts } from '../question/items.ts';
import { nestedChoice, nestedFormat, nestedFunction } from './chat-tool-format.ts';
import type { SendOptions } from './wire.ts';
import { withExtra } from './with-extra.ts';

/** The most tools that the API takes with a run. */
export const TOOLS_OF_A_RUN = 20;

/** The body of `POST /assistants`: everything that stays the same from run to run. */
export const assistantBodyOf = (ask: Ask): JsonObject =>
  asJson({
    model: ask.model,
    name: ask.name,
    instructions: ask.instructions,
    tools: ask.tools.length > 0 ? ask.tools.map(toolBodyOf) : undefined,
  }) as JsonObject;

/** The body of `POST /threads/{id}/runs`, without what our assistant at the server has already. */
export function runBodyOf(ask: Ask, assistantId: string, options: SendOptions): JsonObject {
  const isForeign = ask.assistantId !== undefined;
  const overrides = isForeign ? ask.tools.map(toolBodyOf) : [];
  const body = {
    assistant_id: assistantId,
    model: isForeign ? ask.model : undefined,
    instructions: isForeign ? ask.instructions : undefined,
    additional_instructions: ask.additionalInstructions,
    tools: overrides.length > 0 ? overrides : undefined,
    temperature: ask.temperature,
    top_p: ask.topP,
    reasoning_effort: ask.reasoningEffort,
    max_prompt_tokens: ask.maxPromptTokens,
    max_completion_tokens: options.maxOutputTokens,
    truncation_strategy: truncationOf(ask),
    tool_choice: nestedChoice(options.toolChoice),
    parallel_tool_calls: ask.parallelToolCalls,
    response_format: nestedFormat(ask.format),
    metadata: ask.metadata,
  };
  return withExtra(asJson(body) as JsonObject, ask.extra);
}

function truncationOf({ truncation }: Ask): JsonObject | undefined {
  if (truncation.type === 'none') return undefined;
  return truncation.type === 'auto' ? { type: 'auto' } : { type: 'last_messages', last_messages: truncation.count };
}

/** The files and vector stores of the tools, which this API attaches to the thread. */
export function toolResourcesOf({ tools }: Ask): JsonObject | undefined {
  const resources: JsonObject = {};
  for (const tool of tools) {
    if (tool.type === 'file_search' && tool.vectorStoreIds.length > 0)
      resources.file_search = { vector_store_ids: tool.vectorStoreIds };
    if (tool.type === 'code_interpreter' && tool.fileIds.length > 0) resources.code_interpreter = { file_ids: tool.fileIds };
  }
  return Object.keys(resources).length > 0 ? resources : undefined;
}

/** The body of a message. Files have been uploaded: this API takes them by id only. */
export function messageBodyOf({ role, parts }: MessageItem): JsonObject {
  const images = parts.filter((part) => part.type === 'image');
  const files = parts.flatMap((part) => (part.type === 'file' && part.fileId !== undefined ? [part.fileId] : []));
  const attachments = files.map((file_id) => ({ file_id, tools: [{ type: 'file_search' }] }));
  const text = textOfParts(parts);
  return {
    // The API does not have system messages in a thread.
    role: role === 'assistant' ? 'assistant' : 'user',
    content: images.length === 0 ? text : [...(text === '' ? [] : [{ type: 'text', text }]), ...images.map(imageBodyOf)],
    ...(attachments.length > 0 ? { attachments } : {}),
  };
}

function imageBodyOf(part: Part): JsonObject {
  const { url = '', fileId, detail } = part as Extract<Part, { type: 'image' }>;
  if (fileId !== undefined) return { type: 'image_file', image_file: { file_id: fileId, detail } };
  return { type: 'image_url', image_url: { url, detail } };
}

function toolBodyOf(tool: Tool): JsonObject {
  if (tool.type === 'function') return nestedFunction(tool);
  const maxResults = tool.type === 'file_search' ? tool.maxResults : undefined;
  return { type: tool.type, ...(maxResults === undefined ? {} : { file_search: { max_num_results: maxResults } }) };
}
