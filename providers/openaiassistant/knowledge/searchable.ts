import { extname } from 'node:path';
import { fileKindOf, isTextFile } from '../base/file-kind.ts';
import { type Content, endingLike } from './content.ts';
import { isOfficeFile } from './office-file.ts';

/** The endings of text files that OpenAI's file search takes, and of documents. */
const TEXTS = new Set('.c .cpp .cs .css .go .html .java .js .json .md .php .py .rb .sh .tex .ts .txt'.split(' '));
const DOCUMENTS = ['docx', 'pptx', 'doc'];

/** A file under a name that file search takes, or why it cannot be searched. */
export type Searchable = { content: Content } | { code: 'invalid_file' | 'unsupported_file'; message: string };

/**
 * File search tells a file's kind by its name alone: adds `.txt` to other names of text files (logs, tables, YAML). What it would
 * refuse, once it is uploaded, is refused here.
 */
export function searchable(content: Content): Searchable {
  const { name, bytes } = content;
  if (bytes.length === 0) return { code: 'invalid_file', message: 'The file is empty.' };
  const kind = fileKindOf(bytes);
  if (kind && kind.isTakenPicture === undefined) return { content: endingLike(content, kind.mediaType) };
  if (isOfficeFile(content, DOCUMENTS)) return { content };
  if (isTextFile(bytes))
    return { content: TEXTS.has(extname(name).toLowerCase()) ? content : { ...content, name: `${name}.txt` } };
  const found = kind ? `${name} is ${kind.called}` : `${name} is neither text nor a document`;
  return { code: 'unsupported_file', message: `${found}: file search takes text, PDF, .docx, .doc and .pptx.` };
}
