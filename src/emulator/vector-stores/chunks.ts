import { extname } from 'node:path';
import { isObject, type Json } from '../../shared/json/json.ts';
import { CHARACTERS_PER_TOKEN } from '../base/tokens.ts';
import type { StoredFile } from './stored-file.ts';

/** Named as in OpenAI's API, because it is sent unchanged. */
export interface Chunking {
  max_chunk_size_tokens: number;
  chunk_overlap_tokens: number;
}

const AUTO: Chunking = { max_chunk_size_tokens: 800, chunk_overlap_tokens: 400 };

const TEXTS = '.c .cpp .cs .css .go .html .java .js .json .md .php .py .rb .sh .tex .ts .txt'.split(' ');
/** Types that are accepted although the emulator cannot read them. */
const DOCUMENTS = '.doc .docx .pdf .pptx'.split(' ');

const extensionOf = ({ filename }: StoredFile): string => extname(filename).toLowerCase();

/** File types of OpenAI's file search, which does not accept tables such as .csv. */
export const isSearchable = (file: StoredFile): boolean => [...TEXTS, ...DOCUMENTS].includes(extensionOf(file));

export const textOfFile = (file: StoredFile): string => (TEXTS.includes(extensionOf(file)) ? file.bytes.toString('utf8') : '');

/** Converts a checked `chunking_strategy`. */
export function chunkingOf(strategy: Json | undefined): Chunking {
  const sizes = isObject(strategy) && isObject(strategy.static) ? strategy.static : undefined;
  if (!sizes) return AUTO;
  const { max_chunk_size_tokens: size, chunk_overlap_tokens: overlap } = sizes;
  return { max_chunk_size_tokens: Number(size), chunk_overlap_tokens: Number(overlap) };
}

/** Consecutive chunks share the overlap. */
export function chunksOfText(text: string, { max_chunk_size_tokens: size, chunk_overlap_tokens: overlap }: Chunking): string[] {
  const chunks: string[] = [];
  for (let start = 0; start < text.length; start += (size - overlap) * CHARACTERS_PER_TOKEN) {
    const end = start + size * CHARACTERS_PER_TOKEN;
    chunks.push(text.slice(start, end));
    if (end >= text.length) break;
  }
  return chunks;
}
