import { type Json, ThreadlineError } from 'threadline/provider';
import { inParallel } from '../base/in-parallel.ts';
import type { Attachment } from '../contract/knowledge-schema.ts';
import type { Part } from '../question/items.ts';
import { type Content, contentOfData, withName } from './content.ts';
import { download } from './download.ts';
import type { FileServer } from './file-server.ts';
import type { IndexedFile } from './indexing.ts';
import { inlinePart } from './inline-part.ts';
import { pathsOf } from './paths.ts';
import { searchable } from './searchable.ts';
import { uploadOnce } from './uploads.ts';
import { findVectorStore, vectorStoreWith } from './vector-stores.ts';

/** A step's attachments, as the request takes them. */
export interface Attached {
  /** For the user's message. */
  parts: Part[];
  codeInterpreterFileIds: string[];
  fileSearchStoreIds: string[];
}

/** A file that is at the server, or that can be read here. */
type Source = { fileId: string } | { read(): Promise<Content> };

/** The most bytes of files that OpenAI takes inside one request. */
const INLINE_BYTES = 50_000_000;
const AT_ONCE = 4;
/** The server keeps the vector store so long without use; after that the files are uploaded again. */
const STORE_DAYS = 7;

/**
 * Reads a step's attachments. Attachments without tools become parts of the message, 50 MB at most together. The others are
 * uploaded, each content once; for `file_search` they go into the vector store of the thread, where later turns find them.
 */
export async function attach(server: FileServer, attachments: readonly Attachment[], threadId: string): Promise<Attached> {
  const of = (tool: string | undefined) =>
    inParallel(
      attachments.filter((attachment) => isFor(attachment, tool)),
      AT_ONCE,
      (one) => sourcesOf(one, server),
    ).then((all) => all.flat());
  const parts = await partsOf(await of(undefined));
  const interpreted = await inParallel(await of('code_interpreter'), AT_ONCE, (source) => bring(server, source));
  const searched = await inParallel(await of('file_search'), AT_ONCE, (source) => bring(server, source, requireSearchable));
  return {
    parts,
    codeInterpreterFileIds: [...new Set(interpreted.map(({ fileId }) => fileId))],
    fileSearchStoreIds: await storesOf(server, threadId, searched),
  };
}

/** Whether an attachment is for a tool; without one, whether the model itself reads it. */
const isFor = ({ tools = [] }: Attachment, wanted: string | undefined): boolean =>
  wanted === undefined ? tools.length === 0 : tools.some((tool) => (typeof tool === 'string' ? tool : tool.type) === wanted);

async function sourcesOf(attachment: Attachment, { context, signal }: FileServer): Promise<Source[]> {
  const { file_id: fileId, url, data, name } = attachment;
  if (fileId !== undefined) return [{ fileId }];
  if (url !== undefined) return [{ read: async () => withName(await download(url, context.fetch, signal), name) }];
  const path = attachment.path ?? attachment.glob;
  if (path !== undefined) {
    const paths = await pathsOf(path, context);
    return paths.map((one) => ({
      read: async () => withName(await context.files.read(one), paths.length === 1 ? name : undefined),
    }));
  }
  if (data !== undefined && name !== undefined) return [{ read: async () => contentOfData(data as Json, name) }];
  throw new ThreadlineError('invalid_params', 'An attachment needs `file_id`, `path`, `url`, or `data` with `name`.');
}

async function partsOf(sources: Source[]): Promise<Part[]> {
  const parts: Part[] = [];
  let size = 0;
  for (const source of sources) {
    if ('fileId' in source) {
      parts.push({ type: 'file', fileId: source.fileId });
      continue;
    }
    const content = await source.read();
    size += content.bytes.length;
    if (size > INLINE_BYTES) {
      throw new ThreadlineError(
        'invalid_params',
        `Attachments without \`tools\` are 50 MB at most together: ${content.name} is too much.`,
        {
          hint: 'Upload it with `operation: upload` and attach its `file_id`, or give it `tools`.',
        },
      );
    }
    parts.push(inlinePart(content));
  }
  return parts;
}

async function bring(
  server: FileServer,
  source: Source,
  as: (content: Content) => Content = (content) => content,
): Promise<IndexedFile> {
  if ('fileId' in source) return { fileId: source.fileId, name: source.fileId };
  const content = as(await source.read());
  const { fileId } = await uploadOnce(server, content, 'assistants');
  return { fileId, name: content.name };
}

function requireSearchable(content: Content): Content {
  const found = searchable(content);
  if ('content' in found) return found.content;
  throw new ThreadlineError('invalid_params', `${content.name} cannot be searched: ${found.message}`);
}

/** The key of the vector store for a thread's attachments. */
export const threadStoreKey = (threadId: string): string => `thread/${threadId}`;

async function storesOf(server: FileServer, threadId: string, files: IndexedFile[]): Promise<string[]> {
  const key = threadStoreKey(threadId);
  if (files.length === 0) return [await findVectorStore(server, key)].filter((id) => id !== undefined);
  const metadata = { thread_id: threadId.slice(0, 512) };
  const wanted = { name: `thread ${threadId}`.slice(0, 256), expiresAfterDays: STORE_DAYS, metadata };
  return [await vectorStoreWith(server, key, wanted, files)];
}
