import type { ProviderContext } from 'threadline/provider';
import { inParallel } from '../base/in-parallel.ts';
import type { Knowledge } from '../contract/knowledge-schema.ts';
import { type FileServer, sha256 } from './file-server.ts';
import type { Chunking } from './indexing.ts';
import { hashOf, KnowledgeBase, type KnowledgeFile } from './knowledge-base.ts';
import { daysOf } from './lifetime.ts';
import { pathsOf } from './paths.ts';
import { ensureVectorStore, findVectorStore, underLock } from './vector-stores.ts';

/** A vector store, and what was done to keep it in step with the disk. Paths are relative to the workflow. */
export interface Synced {
  vectorStoreId: string;
  /** New and changed files. */
  added: string[];
  removed: string[];
  unchanged: number;
  /** Files that cannot be searched; they are not tried again until they change. */
  failed: { path: string; code: string; message: string }[];
}

interface WantedKnowledge {
  paths: string[];
  name?: string;
  expires_after?: string | number;
  chunking?: Chunking;
}

const EXPIRES_AFTER = '30d';
const READS_AT_ONCE = 8;

/**
 * Keeps a vector store in step with files: one for each server, workflow and list of patterns. Unchanged files cost no request.
 * Rejects with `file_not_found` when a pattern matches nothing: a misspelt one would empty the store.
 */
export async function syncKnowledge(server: FileServer, knowledge: Knowledge): Promise<Synced> {
  const wanted = wantedOf(knowledge);
  const { workflow } = server.context.run;
  const name = wanted.name ?? workflow;
  const expiresAfterDays = daysOf(wanted.expires_after ?? EXPIRES_AFTER);
  const digest = sha256(JSON.stringify([workflow, wanted.paths])).slice(0, 32);
  const key = `knowledge/${digest}`;
  const ready = await findReady(server, key, digest, wanted);
  if (ready) return ready;
  return underLock(server, key, async (held) => {
    const { id } = await ensureVectorStore(held, key, { name, expiresAfterDays, metadata: { workflow: workflow.slice(0, 512) } });
    const base = new KnowledgeBase(held, digest, id, wanted.chunking);
    return bringInStep(base, await compare(base, wanted, held.context), held.context);
  });
}

/** The result where nothing has to be done, found without the lock. */
async function findReady(server: FileServer, key: string, digest: string, wanted: WantedKnowledge): Promise<Synced | undefined> {
  const id = await findVectorStore(server, key);
  if (id === undefined) return undefined;
  const base = new KnowledgeBase(server, digest, id, wanted.chunking);
  const found = await compare(base, wanted, server.context);
  return found.missing.length + found.gone.length === 0 ? syncedOf(base, found, []) : undefined;
}

function wantedOf(knowledge: Knowledge): WantedKnowledge {
  const given = typeof knowledge === 'string' || Array.isArray(knowledge) ? { paths: knowledge } : knowledge;
  return { ...given, paths: [given.paths].flat().sort() };
}

/** The files on the disk: path → hash. */
async function hashesOf(context: ProviderContext, { paths, chunking }: WantedKnowledge): Promise<Map<string, string>> {
  const found = new Set((await Promise.all(paths.map((path) => pathsOf(path, context)))).flat());
  const read = async (path: string) => [path, hashOf((await context.files.read(path)).bytes, chunking)] as const;
  return new Map(await inParallel([...found], READS_AT_ONCE, read));
}

/** The store's memory, compared with the disk. */
interface Comparison {
  current: KnowledgeFile[];
  /** Paths of files that the vector store lacks, or has in another version. */
  missing: string[];
  gone: KnowledgeFile[];
  disk: Map<string, string>;
}

async function compare(base: KnowledgeBase, wanted: WantedKnowledge, context: ProviderContext): Promise<Comparison> {
  const disk = await hashesOf(context, wanted);
  const known = base.files();
  const isCurrent = (file: KnowledgeFile) => base.isSettled(file) && disk.get(file.path) === file.hash;
  const current = known.filter(isCurrent);
  const settled = new Set(current.map(({ path }) => path));
  const missing = [...disk.keys()].filter((path) => !settled.has(path));
  return { current, missing, gone: known.filter((file) => !isCurrent(file)), disk };
}

async function bringInStep(base: KnowledgeBase, found: Comparison, context: ProviderContext): Promise<Synced> {
  const { missing, gone, disk } = found;
  if (missing.length > 0)
    context.emit({ type: 'progress', message: `knowledge: ${missing.length} of ${disk.size} files are new` });
  const added = await base.add(missing);
  // Removed last: the old versions stay searchable until the new ones are.
  await base.removeAll(gone);
  return syncedOf(base, found, added);
}

function syncedOf(base: KnowledgeBase, { current, gone, disk }: Comparison, added: KnowledgeFile[]): Synced {
  const failed = [...current, ...added].filter(({ state }) => state === 'failed');
  return {
    vectorStoreId: base.vectorStoreId,
    added: added.filter(({ state }) => state === 'ready').map(({ path }) => path),
    removed: [...new Set(gone.map(({ path }) => path))].filter((path) => !disk.has(path)),
    unchanged: current.filter(({ state }) => state === 'ready').length,
    failed: failed.map(({ path, code = '', message = '' }) => ({ path, code, message })),
  };
}
