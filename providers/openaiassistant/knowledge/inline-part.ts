import { ThreadlineError } from 'threadline/provider';
import { fileKindOf, isTextFile, pictureType, textBytes } from '../base/file-kind.ts';
import { dataUrlOf, mediaTypeOf } from '../base/media-type.ts';
import type { Part } from '../question/items.ts';
import { type Content, endingLike } from './content.ts';
import { isOfficeFile } from './office-file.ts';

/**
 * A file as a part of the message. Its bytes decide what it is, and its name what of that: pictures become image parts, because
 * servers do not take them as files.
 *
 * @throws ThreadlineError `invalid_params` for a file that no model reads.
 */
export function inlinePart(content: Content): Part {
  const { name, bytes } = content;
  const kind = fileKindOf(bytes);
  if (kind?.isTakenPicture !== undefined || (mediaTypeOf(name, '').startsWith('image/') && !isTextFile(bytes)))
    return { type: 'image', url: dataUrlOf(bytes, pictureType(name, bytes)), detail: 'auto' };
  if (bytes.length === 0) throw new ThreadlineError('invalid_params', `${name} is empty: servers take no empty files.`);
  if (kind) return filePart(endingLike(content, kind.mediaType), kind.mediaType);
  if (isOfficeFile(content)) return filePart(content, mediaTypeOf(name, ''));
  if (isTextFile(bytes)) return textPart(content);
  throw new ThreadlineError(
    'invalid_params',
    `${name} is not a file that models read: they take text, PDF, office documents and pictures.`,
    {
      hint: 'Give it to the code interpreter: `tools: [code_interpreter]`.',
    },
  );
}

const filePart = ({ name, bytes }: Content, mediaType: string): Part => ({
  type: 'file',
  name,
  dataUrl: dataUrlOf(bytes, mediaType),
});

/** Text under a name of something else is sent as what it is. */
function textPart({ name, bytes }: Content): Part {
  const mediaType = mediaTypeOf(name, 'text/plain');
  const isTextType = /^text\/|\/(json|xml)$/.test(mediaType);
  const content = { name: isTextType ? name : `${name}.txt`, bytes: textBytes(bytes) };
  return filePart(content, isTextType ? mediaType : 'text/plain');
}
