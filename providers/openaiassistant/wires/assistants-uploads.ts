import { readDataUrl } from '../base/media-type.ts';
import type { Part } from '../question/items.ts';
import type { OpenOptions } from './wire.ts';

type Upload = OpenOptions['upload'];

/** Uploads files and pictures that come as data: this API takes them by id only. */
export const uploadedParts = (upload: Upload, parts: Part[]): Promise<Part[]> =>
  Promise.all(parts.map((part) => uploaded(upload, part)));

async function uploaded(upload: Upload, part: Part): Promise<Part> {
  const dataUrl = part.type === 'image' ? part.url : part.type === 'file' ? part.dataUrl : undefined;
  const { mediaType = '', bytes } = readDataUrl(dataUrl ?? '') ?? {};
  if (part.type === 'text' || !bytes?.length) return part;
  if (part.type === 'file') {
    const name = part.name ?? 'file.txt';
    return { type: 'file', fileId: await upload({ name, bytes }, 'assistants'), name };
  }
  const name = `image.${mediaType.split('/')[1] ?? 'png'}`;
  return { type: 'image', fileId: await upload({ name, bytes }, 'vision'), detail: part.detail };
}
