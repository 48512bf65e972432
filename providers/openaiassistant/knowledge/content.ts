import { type Json, toText } from 'threadline/provider';
import { extensionOf, mediaTypeOf } from '../base/media-type.ts';

/** A file's name and content, wherever it came from. */
export interface Content {
  name: string;
  bytes: Uint8Array;
}

const DATA_URL = /^data:[\w.+-]+\/[\w.+-]+(;[\w-]+=[\w.-]+)*;base64,/;

/** Text becomes its bytes, data JSON, and a data URL the file that it holds: answers give their files so. */
export function contentOfData(data: Json, name: string): Content {
  const [head] = (typeof data === 'string' && DATA_URL.exec(data)) || [];
  if (head === undefined) return { name, bytes: new TextEncoder().encode(toText(data)) };
  return { name, bytes: Buffer.from(String(data).slice(head.length), 'base64') };
}

/** The content, called `name` where one is given. */
export const withName = (content: Content, name: string | undefined): Content => ({ ...content, name: name ?? content.name });

/** The content under a name that ends as its media type wants it. */
export function endingLike(content: Content, mediaType: string): Content {
  if (mediaTypeOf(content.name, '') === mediaType) return content;
  return { ...content, name: `${content.name}.${extensionOf(mediaType)}` };
}
