import type { JsonObject } from 'threadline/provider';
import type { Format, Message, Part, Tool } from './wire.ts';

export const inputItem = ({ role, parts }: Message): JsonObject => ({
  type: 'message',
  role,
  content: parts.map((part) => contentOf(part, role)),
});

function contentOf(part: Part, role: Message['role']): JsonObject {
  if (part.type === 'text')
    return {
      type: role === 'assistant' ? 'output_text' : 'input_text',
      text: part.text,
      ...(role === 'assistant' ? { annotations: [] } : {}),
    };
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

export function toolOf(tool: Tool): JsonObject {
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

export function formatOf(format: Format): JsonObject | undefined {
  if (format.type === 'text') return undefined;
  if (format.type === 'json_object') return { type: 'json_object' };
  const { name, description, schema, strict } = format;
  return { type: 'json_schema', name, schema, strict, ...(description === undefined ? {} : { description }) };
}
