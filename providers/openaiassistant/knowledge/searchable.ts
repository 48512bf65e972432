import { isUtf8 } from 'node:buffer';
import { extname } from 'node:path';
import type { Content } from './content.ts';

/** The file extensions that OpenAI's file search takes. */
const TAKEN = new Set(
  '.c .cpp .cs .css .doc .docx .go .html .java .js .json .md .pdf .php .pptx .py .rb .sh .tex .ts .txt'.split(' '),
);

/** Adds `.txt` to other names of text files (logs, tables, YAML): file search tells a file's kind by its name alone. */
export function searchable(content: Content): Content {
  const { name, bytes } = content;
  const isText = !bytes.includes(0) && isUtf8(bytes);
  return TAKEN.has(extname(name).toLowerCase()) || !isText ? content : { ...content, name: `${name}.txt` };
}
