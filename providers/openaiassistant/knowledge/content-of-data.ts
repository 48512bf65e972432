import { type Json, toText } from 'threadline/provider';
import type { Content } from './uploads.ts';

const DATA_URL = /^data:[\w.+-]+\/[\w.+-]+(;[\w-]+=[\w.-]+)*;base64,/;

/** Text as it is, data as JSON, and a data URL as what it holds: that is how an answer's files come. */
export function contentOfData(data: Json, name: string): Content {
  const [head] = (typeof data === 'string' && DATA_URL.exec(data)) || [];
  if (head === undefined) return { name, bytes: new TextEncoder().encode(toText(data)) };
  return { name, bytes: Buffer.from(String(data).slice(head.length), 'base64') };
}
