import { isUtf8 } from 'node:buffer';
import { ThreadlineError } from 'threadline/provider';

/** What a file is by its first bytes, whatever it is called. */
export interface FileKind {
  /** As people call it: `a PNG picture`. */
  called: string;
  mediaType: string;
  /** Whether it is a picture that models take, or one that they do not; undefined of other files. */
  isTakenPicture?: boolean;
}

const picture = (called: string, mediaType: string, isTakenPicture = false): FileKind => ({
  called: `${called} picture`,
  mediaType,
  isTakenPicture,
});

const hexOf = (bytes: Uint8Array | string): string => Buffer.from(bytes as string).toString('hex');
/** The brands by which files of one family, ISO's media files, tell what they are. */
const branded = (...brands: string[]) => new RegExp(`^.{8}${hexOf('ftyp')}(${brands.map(hexOf).join('|')})`);

/** Beginnings of files in hexadecimal digits, two a byte. */
const BEGINNINGS: [beginning: RegExp, kind: FileKind][] = [
  [/^89504e470d0a1a0a/, picture('a PNG', 'image/png', true)],
  [/^ffd8ff/, picture('a JPEG', 'image/jpeg', true)],
  [/^474946383[79]61/, picture('a GIF', 'image/gif', true)],
  [/^52494646.{8}57454250/, picture('a WebP', 'image/webp', true)],
  [/^424d.{8}0{8}/, picture('a BMP', 'image/bmp')],
  [/^(49492[ab]00|4d4d002[ab])/, picture('a TIFF', 'image/tiff')],
  [branded('avif', 'avis'), picture('an AVIF', 'image/avif')],
  [branded('heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'), picture('a HEIC', 'image/heic')],
  [/^00000[12]00/, picture('an ICO', 'image/x-icon')],
  [/^38425053/, picture('a Photoshop', 'image/vnd.adobe.photoshop')],
  [/^(ff0a|0000000c4a584c20)/, picture('a JPEG XL', 'image/jxl')],
  [/^0000000c6a502020/, picture('a JPEG 2000', 'image/jp2')],
  [/^255044462d/, { called: 'a PDF document', mediaType: 'application/pdf' }],
];

/** Behind a byte order mark, a declaration, a document type and comments. */
const SVG = /^\uFEFF?\s*(<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/i;
const HEAD_BYTES = 4096;

/** What a file is, as far as its first bytes tell. */
export function fileKindOf(bytes: Uint8Array): FileKind | undefined {
  const head = Buffer.from(bytes.subarray(0, HEAD_BYTES));
  const [, kind] = BEGINNINGS.find(([beginning]) => beginning.test(head.toString('hex'))) ?? [];
  return kind ?? (SVG.test(head.toString('utf8')) ? picture('an SVG', 'image/svg+xml') : undefined);
}

/** Whether it is text, in UTF-8, or in UTF-16 that says so. */
export const isTextFile = (bytes: Uint8Array): boolean =>
  /^(fffe|feff)/.test(hexOf(bytes.subarray(0, 2))) || (!bytes.includes(0) && isUtf8(bytes));

/** The bytes of a text in UTF-8. */
export function textBytes(bytes: Uint8Array): Uint8Array {
  const mark = hexOf(bytes.subarray(0, 2));
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : undefined;
  return encoding === undefined ? bytes : new TextEncoder().encode(new TextDecoder(encoding).decode(bytes));
}

export const TAKEN_PICTURES = 'PNG, JPEG, WebP, and GIF that does not move';

/**
 * The media type of a picture that models take.
 *
 * @throws ThreadlineError `invalid_params` for any other file, with its name and with what they take.
 */
export function pictureType(name: string, bytes: Uint8Array): string {
  const kind = fileKindOf(bytes);
  const moves = kind?.mediaType === 'image/gif' && isAnimated(bytes);
  if (kind?.isTakenPicture && !moves) return kind.mediaType;
  const found = bytes.length === 0 ? 'empty' : moves ? 'a GIF that moves' : (kind?.called ?? 'not a picture');
  throw new ThreadlineError('invalid_params', `${name} is ${found}: models take ${TAKEN_PICTURES}.`, {
    hint: 'Convert it before. What it is called does not matter: its first bytes say what it is.',
  });
}

/** Whether a GIF has more than one picture: each has a control block of eight bytes before it. */
function isAnimated(bytes: Uint8Array): boolean {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const begin = Buffer.from([0x21, 0xf9, 0x04]);
  let count = 0;
  for (let at = data.indexOf(begin); at >= 0 && count < 2; at = data.indexOf(begin, at + 1)) if (data[at + 7] === 0) count++;
  return count > 1;
}
