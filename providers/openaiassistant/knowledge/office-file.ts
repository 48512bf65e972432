import { extname } from 'node:path';
import type { Content } from './content.ts';

/** How the files of office programs begin: those of today are archives. */
const BEGINNINGS: Record<string, string> = {
  docx: '504b0304',
  pptx: '504b0304',
  xlsx: '504b0304',
  doc: 'd0cf11e0',
  xls: 'd0cf11e0',
  ppt: 'd0cf11e0',
};

/** Whether it is a file of an office program, by its name and its first bytes; among `extensions`, where some are named. */
export function isOfficeFile({ name, bytes }: Content, extensions: readonly string[] = Object.keys(BEGINNINGS)): boolean {
  const extension = extname(name).slice(1).toLowerCase();
  const begin = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  return extensions.includes(extension) && BEGINNINGS[extension] === begin;
}
