import { type Json, ThreadlineError, toJson } from 'threadline/provider';
import type { CallToolResult, ContentBlock } from './sdk.ts';

/** Longer text files in a result are only described. */
const LONGEST_FILE = 100_000;

/** The result as the model is told of it. Throws `step_failed`, with the tool's message, when the tool failed. */
export function readResult({ content, structuredContent, isError }: CallToolResult): Json {
  const text = content.map(textOfBlock).join('\n');
  if (!isError) return structuredContent === undefined ? text : toJson(structuredContent);
  const reason = text || (structuredContent && JSON.stringify(structuredContent)) || 'The tool failed and does not say why.';
  throw new ThreadlineError('step_failed', reason);
}

function textOfBlock(part: ContentBlock): string {
  if (part.type === 'text') return part.text;
  if (part.type === 'image' || part.type === 'audio') return `[${part.type} ${part.mimeType}, ${sizeOfBase64(part.data)}]`;
  if (part.type === 'resource_link') return `[link to ${[part.uri, part.mimeType].filter(Boolean).join(', ')}]`;
  const { uri, mimeType = 'unknown type' } = part.resource;
  if ('blob' in part.resource) return `[file ${uri}, ${mimeType}, ${sizeOfBase64(part.resource.blob)}]`;
  const { text } = part.resource;
  return text.length <= LONGEST_FILE ? text : `[file ${uri}, ${mimeType}, ${Buffer.byteLength(text)} bytes]`;
}

const sizeOfBase64 = (data: string) => `${Buffer.byteLength(data, 'base64')} bytes`;
