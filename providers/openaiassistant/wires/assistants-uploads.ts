import type OpenAI from 'openai';
import type { Part } from '../thread/items.ts';

/** This API takes files and pictures by id: what comes as data is uploaded first. */
export const uploadedParts = (client: OpenAI, parts: Part[], signal: AbortSignal): Promise<Part[]> =>
  Promise.all(parts.map((part) => uploaded(client, part, signal)));

async function uploaded(client: OpenAI, part: Part, signal: AbortSignal): Promise<Part> {
  const dataUrl = part.type === 'image' ? part.url : part.type === 'file' ? part.dataUrl : undefined;
  const [, type = '', data = ''] = /^data:([^;,]*);base64,(.*)$/s.exec(dataUrl ?? '') ?? [];
  if (part.type === 'text' || data === '') return part;
  const name = part.type === 'file' ? (part.name ?? 'file.txt') : `image.${type.split('/')[1] ?? 'png'}`;
  const file = new File([Buffer.from(data, 'base64')], name, { type });
  const { id: fileId } = await client.files.create(
    { file, purpose: part.type === 'image' ? 'vision' : 'assistants' },
    { signal },
  );
  return part.type === 'image' ? { type: 'image', fileId, detail: part.detail } : { type: 'file', fileId, name };
}
