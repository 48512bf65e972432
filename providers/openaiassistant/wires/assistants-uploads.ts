import type { Part } from '../question/items.ts';
import type { OpenOptions } from './wire.ts';

type Upload = OpenOptions['upload'];

/** This API takes files and pictures by id: what comes as data is uploaded first. */
export const uploadedParts = (upload: Upload, parts: Part[]): Promise<Part[]> =>
  Promise.all(parts.map((part) => uploaded(upload, part)));

async function uploaded(upload: Upload, part: Part): Promise<Part> {
  const dataUrl = part.type === 'image' ? part.url : part.type === 'file' ? part.dataUrl : undefined;
  const [, type = '', data = ''] = /^data:([^;,]*);base64,(.*)$/s.exec(dataUrl ?? '') ?? [];
  if (part.type === 'text' || data === '') return part;
  const bytes = Buffer.from(data, 'base64');
  if (part.type === 'file') {
    const name = part.name ?? 'file.txt';
    return { type: 'file', fileId: await upload({ name, bytes }, 'assistants'), name };
  }
  const name = `image.${type.split('/')[1] ?? 'png'}`;
  return { type: 'image', fileId: await upload({ name, bytes }, 'vision'), detail: part.detail };
}
