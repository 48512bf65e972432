import type { ProviderContext } from 'threadline/provider';
import { type FileServer, sha256 } from './file-server.ts';
import { inParallel } from './in-parallel.ts';
import type { Chunking } from './indexing.ts';
import { hashOf, KnowledgeBase, type KnowledgeFile } from './knowledge-base.ts';
import { daysOf } from './lifetime.ts';
import { pathsOf } from './paths.ts';
import type { Knowledge } from './schema.ts';
import { ensureVectorStore, underLock } from './vector-stores.ts';

/** A vector store, and what was done so that it has what is on the disk. Paths are relative to the workflow. */
export interface Synced {
  vectorStoreId: string;
  /** New and changed files. */
  added: string[];
  removed: string[];
  unchanged: number;
  /** Files that cannot be searched; they are not tried again until they change. */
  failed: { path: string; code: string; message: string }[];
}

interface Wanted {
  paths: string[];
  name?: string;
  expires_after?: string | number;
  chunking?: Chunking;
}

const EXPIRES_AFTER = '30d';
const READS_AT_ONCE = 8;

/**
 * Keeps a vector store in step with files: one for each server, workflow and list of patterns. What has not changed costs no
 * request. Rejects with `file_not_found` when a pattern matches nothing: a misspelt one would empty the store.
 */
export async function syncKnowledge(server: FileServer, knowledge: Knowledge): Promise<Synced> {
  const wanted = wantedOf(knowledge);
  const { workflow } = server.context.run;
  const expiresAfterDays = daysOf(wanted.expires_after ?? EXPIRES_AFTER);
  const digest = sha256(JSON.stringify([workflow, wanted.paths])).slice(0, 32);
  const key = `knowledge/${digest}`;
  return underLock(server, key, async (held) => {
    const disk = await hashesOf(server.context, wanted);
    const store = { name: wanted.name ?? workflow, expiresAfterDays, metadata: { workflow: workflow.slice(0, 512) } };
    const { id } = await ensureVectorStore(held, key, store);
    const base = new KnowledgeBase(held, digest, id, wanted.chunking);
    return { vectorStoreId: id, ...(await bringInStep(base, disk, held.context)) };
  });
}

function wantedOf(knowledge: Knowledge): Wanted {
  const given = typeof knowledge === 'string' || Array.isArray(knowledge) ? { paths: knowledge } : knowledge;
  return { ...given, paths: [given.paths].flat().sort() };
}

/** What is on the disk: path → hash. */
async function hashesOf(context: ProviderContext, { paths, chunking }: Wanted): Promise<Map<string, string>> {
  const found = new Set((await Promise.all(paths.map((path) => pathsOf(path, context)))).flat());
  const read = async (path: string) => [path, hashOf((await context.readFile(path)).bytes, chunking)] as const;
  return new Map(await inParallel([...found], READS_AT_ONCE, read));
}

async function bringInStep(base: KnowledgeBase, disk: Map<string, string>, context: ProviderContext) {
  const known = base.files();
  const isCurrent = (file: KnowledgeFile) => base.isSettled(file) && disk.get(file.path) === file.hash;
  const current = known.filter(isCurrent);
  const settled = new Set(current.map(({ path }) => path));
  const missing = [...disk.keys()].filter((path) => !settled.has(path));
  if (missing.length > 0)
    context.emit({ type: 'progress', message: `knowledge: ${missing.length} of ${disk.size} files are new` });
  const added = await base.add(missing);
  // Only now: until what replaces them can be searched, they can.
  const gone = known.filter((file) => !isCurrent(file));
  await base.removeAll(gone);
  const failed = [...current, ...added].filter(({ state }) => state === 'failed');
  return {
    added: added.filter(({ state }) => state === 'ready').map(({ path }) => path),
    removed: [...new Set(gone.map(({ path }) => path))].filter((path) => !disk.has(path)),
    unchanged: current.filter(({ state }) => state === 'ready').length,
    failed: failed.map(({ path, code = '', message = '' }) => ({ path, code, message })),
  };
}
