import { isUtf8 } from 'node:buffer';
import { extname } from 'node:path';
import type { Content } from './content.ts';

/** What OpenAI's file search takes, by the ending of the name. */
const TAKEN = new Set(
  '.c .cpp .cs .css .doc .docx .go .html .java .js .json .md .pdf .php .pptx .py .rb .sh .tex .ts .txt'.split(' '),
);

/** Logs, tables and YAML are text too, which file search sees by nothing but the name. */
export function searchable(content: Content): Content {
  const { name, bytes } = content;
  const isText = !bytes.includes(0) && isUtf8(bytes);
  return TAKEN.has(extname(name).toLowerCase()) || !isText ? content : { ...content, name: `${name}.txt` };
}
