import { type ProviderContext, ThreadlineError } from 'threadline/provider';
import { pictureType, TAKEN_PICTURES } from '../base/file-kind.ts';
import { dataUrlOf, readDataUrl } from '../base/media-type.ts';
import type { Config, Params } from '../contract/schema.ts';
import type { MessageItem, Part } from '../question/items.ts';

/** The largest image that OpenAI takes inside a request. */
const IMAGE_LIMIT = 15_000_000;

/** The messages of a step: its prompt or messages, with images and files on the user's last one. */
export async function messagesOf(params: Params, files: Part[], context: ProviderContext<Config>): Promise<MessageItem[]> {
  const given = params.messages ?? [{ role: 'user' as const, content: params.prompt ?? '' }];
  const messages = [...given, ...(params.additional_messages ?? [])].map(
    ({ role, content }): MessageItem => ({ type: 'message', role, parts: [{ type: 'text', text: content }] }),
  );
  const images = await Promise.all((params.images ?? []).map((image) => imagePart(image, context)));
  const target = messages.findLast((message) => message.role === 'user');
  if (!target && images.length + files.length > 0) {
    throw new ThreadlineError('invalid_params', 'Images and attachments need a user message to stand in.');
  }
  target?.parts.push(...images, ...files);
  return messages;
}

async function imagePart(image: NonNullable<Params['images']>[number], context: ProviderContext<Config>): Promise<Part> {
  const { url, path, file_id: fileId, detail = 'auto' } = image;
  if (fileId !== undefined) return { type: 'image', fileId, detail };
  if (path === undefined) return { type: 'image', url: checkedUrl(url ?? ''), detail };
  const { name, bytes } = await context.files.read(path);
  return { type: 'image', url: pictureUrl(name, bytes), detail };
}

/** An address as it is: its server says what is there. Of data, the bytes say it, whatever is declared. */
function checkedUrl(url: string): string {
  if (/^https?:\/\//i.test(url)) return url;
  const data = readDataUrl(url);
  if (data) return pictureUrl("An image's data", data.bytes);
  throw new ThreadlineError(
    'invalid_params',
    `An image's url must be an http(s) address or a data URL in base64, not \`${url.slice(0, 60)}\`.`,
    { hint: `Models take ${TAKEN_PICTURES}.` },
  );
}

function pictureUrl(name: string, bytes: Uint8Array): string {
  if (bytes.length > IMAGE_LIMIT)
    throw new ThreadlineError('invalid_params', `${name} is larger than ${IMAGE_LIMIT / 1_000_000} MB.`);
  return dataUrlOf(bytes, pictureType(name, bytes));
}
