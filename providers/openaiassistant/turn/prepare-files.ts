import { type ProviderContext, ThreadlineError } from 'threadline/provider';
import type { Config, Params } from '../contract/schema.ts';
import { attach } from '../knowledge/attachments.ts';
import { type FileServer, openFileServer } from '../knowledge/file-server.ts';
import { syncKnowledge } from '../knowledge/sync.ts';
import { wireCannot } from '../question/adapt.ts';
import type { Part } from '../question/items.ts';
import { openClient } from '../routes/client.ts';
import type { Route } from '../routes/model-routes.ts';
import type { ThreadMemory } from '../thread/memory.ts';
import { newThreadId } from '../thread/new-thread-id.ts';
import type { ToolFiles } from '../tools/functions.ts';

export interface PreparedFiles extends ToolFiles {
  /** For the user's message. */
  parts: Part[];
}

type Attachments = NonNullable<Params['attachments']>;

export const fileServerOf = async (
  { config }: Route,
  context: ProviderContext<Config>,
  signal: AbortSignal,
): Promise<FileServer> => openFileServer(await openClient(config), context, signal);

/**
 * Attachments and knowledge of a step, at the server where they have to be.
 *
 * @throws ThreadlineError `unsupported` where the wire has no such tools, before anything is uploaded.
 */
export async function prepareFiles(
  params: Params,
  route: Route,
  context: ProviderContext<Config>,
  thread: ThreadMemory,
  signal: AbortSignal,
): Promise<PreparedFiles> {
  const attachments = usable(params, route, context);
  const knowledge = params.knowledge !== undefined && isUsable('file_search', 'knowledge', params, route, context);
  const isSearched = wireCannot(route.wire, 'file_search') === undefined;
  const mayHaveStore = thread.isKnown && isSearched;
  if (attachments.length === 0 && !knowledge && !mayHaveStore) return { parts: [], fileIds: [], vectorStoreIds: [] };
  const server = await fileServerOf(route, context, signal);
  // What is attached for search stays with the thread, which needs a name for that.
  if (attachments.some(hasTools)) thread.begin(newThreadId());
  const attached = await attach(server, attachments, thread.id ?? '');
  const stores = knowledge && params.knowledge !== undefined ? [await known(server, params.knowledge)] : [];
  return {
    parts: attached.parts,
    fileIds: attached.codeInterpreterFileIds,
    vectorStoreIds: isSearched ? [...attached.fileSearchStoreIds, ...stores] : [],
  };
}

const hasTools = ({ tools = [] }: Attachments[number]): boolean => tools.length > 0;

const usable = (params: Params, route: Route, context: ProviderContext<Config>): Attachments =>
  (params.attachments ?? []).filter(({ tools = [] }) =>
    tools.every((tool) => isUsable(typeof tool === 'string' ? tool : tool.type, 'attachments', params, route, context)),
  );

function isUsable(
  feature: 'file_search' | 'code_interpreter',
  field: string,
  { on_unsupported: onUnsupported, functions_off: isOff }: Params,
  { wire, server }: Route,
  { emit }: ProviderContext<Config>,
): boolean {
  if (isOff === true) return false;
  const hint = wireCannot(wire, feature);
  if (hint === undefined) return true;
  const message = `\`${field}\` needs \`${feature}\`, which cannot be done over the wire \`${wire}\` at ${server.host}`;
  if (onUnsupported !== 'warn') throw new ThreadlineError('unsupported', `${message}.`, { hint, details: { field, wire } });
  emit({ type: 'log', level: 'warning', message: `${message}: it is left out.` });
  return false;
}

async function known(server: FileServer, knowledge: NonNullable<Params['knowledge']>): Promise<string> {
  const { vectorStoreId, added, removed, unchanged, failed } = await syncKnowledge(server, knowledge);
  const { emit } = server.context;
  if (added.length + removed.length > 0)
    emit({
      type: 'progress',
      message: `knowledge: ${added.length} files added, ${removed.length} removed, ${unchanged} unchanged`,
    });
  for (const { path, message } of failed)
    emit({ type: 'log', level: 'warning', message: `${path} cannot be searched: ${message}` });
  return vectorStoreId;
}
