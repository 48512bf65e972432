const MEDIA_TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  json: 'application/json',
  csv: 'text/csv',
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  xml: 'application/xml',
};

/** What a file is, by its name's ending. */
export function mediaTypeOf(name: string, otherwise: string): string {
  const extension = name.split('.').at(-1)?.toLowerCase() ?? '';
  return MEDIA_TYPES[extension] ?? otherwise;
}

/** The ending of names of such files; undefined of those that are not known here. */
export const extensionOf = (mediaType: string): string | undefined =>
  Object.keys(MEDIA_TYPES).find((extension) => MEDIA_TYPES[extension] === mediaType);

export const dataUrlOf = (bytes: Uint8Array, mediaType: string): string =>
  `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`;
