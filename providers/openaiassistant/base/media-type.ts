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
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  doc: 'application/msword',
  ppt: 'application/vnd.ms-powerpoint',
  xls: 'application/vnd.ms-excel',
};

/** The media type that a file's extension stands for; `otherwise` where it is not known. */
export function mediaTypeOf(name: string, otherwise: string): string {
  const extension = name.split('.').at(-1)?.toLowerCase() ?? '';
  return MEDIA_TYPES[extension] ?? otherwise;
}

/** The file extension for a media type; undefined where none is known. */
export const extensionOf = (mediaType: string): string | undefined =>
  Object.keys(MEDIA_TYPES).find((extension) => MEDIA_TYPES[extension] === mediaType);

export const dataUrlOf = (bytes: Uint8Array, mediaType: string): string =>
  `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`;

/** The content of a base64 `data:` URL; undefined for other texts. */
export function readDataUrl(url: string): { mediaType: string; bytes: Uint8Array } | undefined {
  const [, mediaType, data = ''] = /^data:([^;,]*)(?:;[^;,]*)*;base64,(.*)$/is.exec(url) ?? [];
  return mediaType === undefined ? undefined : { mediaType, bytes: Buffer.from(data, 'base64') };
}
