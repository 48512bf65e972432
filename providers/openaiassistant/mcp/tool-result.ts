import { type Json, parseJson, ThreadlineError, toJson } from 'threadline/provider';
import type { CallToolResult, ContentBlock } from './sdk.ts';

/** Longer text files in a result are only described. */
const LONGEST_FILE = 100_000;

/** The result as the model is told of it. Throws `step_failed`, with the tool's message, when the tool failed. */
export function readResult({ content, structuredContent, isError }: CallToolResult): Json {
  const text = content.map(textOfBlock).join('\n');
  if (!isError) return structuredContent === undefined ? text : dataOf(structuredContent, text);
  const reason = text || (structuredContent && JSON.stringify(structuredContent)) || 'The tool failed and does not say why.';
  throw new ThreadlineError('step_failed', reason);
}

/** The SDK rounds whole numbers beyond 2^53. The protocol wants the same data as text beside them, where the digits are. */
function dataOf(data: Record<string, unknown>, text: string): Json {
  if (!hasRounded(data)) return toJson(data);
  try {
    if (JSON.stringify(JSON.parse(text)) === JSON.stringify(data)) return toJson(parseJson(text));
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  throw new ThreadlineError('number_out_of_range', 'The result of the tool has a number beyond 2^53, whose digits are lost.', {
    hint: 'The tool has to give it as text, or the same JSON as its text content too.',
  });
}

function hasRounded(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasRounded);
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
