import { ThreadlineError } from 'threadline/provider';
import type { Params } from '../contract/schema.ts';
import { attach } from '../knowledge/attachments.ts';
import { type FileServer, openFileServer } from '../knowledge/file-server.ts';
import { syncKnowledge } from '../knowledge/sync.ts';
import type { Part } from '../question/items.ts';
import { openClient } from '../routes/client.ts';
import type { ModelRoute } from '../routes/model-routes.ts';
import { newThreadId } from '../thread/new-thread-id.ts';
import type { Transcript } from '../thread/transcript.ts';
import type { ToolFiles } from '../tools/functions.ts';
import type { AskingStep } from './turn.ts';

export interface PreparedFiles extends ToolFiles {
  /** For the user's message. */
  parts: Part[];
}

type Attachment = NonNullable<Params['attachments']>[number];

export const fileServerOf = async (
  { context, signal }: Pick<AskingStep, 'context' | 'signal'>,
  { config }: ModelRoute,
): Promise<FileServer> => openFileServer(await openClient(config, { log: context.log }), context, signal);

/**
 * Brings attachments and knowledge of a step to the server where they have to be.
 *
 * @throws ThreadlineError `unsupported` where the wire has no such tools, before anything is uploaded.
 */
export async function prepareFiles(step: AskingStep, route: ModelRoute, thread: Transcript): Promise<PreparedFiles> {
  const attachments = (step.params.attachments ?? []).filter((attachment) =>
    toolsOf(attachment).every((tool) => isUsable(tool, 'attachments', step, route)),
  );
  const { knowledge } = step.params;
  const searched = knowledge !== undefined && isUsable('file_search', 'knowledge', step, route) ? knowledge : undefined;
  const canSearch = route.wire.cannot.file_search === undefined;
  const mayHaveStore = thread.isKnown && canSearch;
  if (attachments.length === 0 && searched === undefined && !mayHaveStore) return { parts: [], fileIds: [], vectorStoreIds: [] };
  const server = await fileServerOf(step, route);
  // Files that are attached for search stay with the thread, which needs a name for that.
  if (attachments.some((attachment) => toolsOf(attachment).length > 0)) thread.begin(newThreadId());
  const attached = await attach(server, attachments, thread.id ?? '');
  const stores = searched === undefined ? [] : [await syncedStore(server, searched)];
  return {
    parts: attached.parts,
    fileIds: attached.codeInterpreterFileIds,
    vectorStoreIds: canSearch ? [...attached.fileSearchStoreIds, ...stores] : [],
  };
}

const toolsOf = ({ tools = [] }: Attachment) => tools.map((tool) => (typeof tool === 'string' ? tool : tool.type));

function isUsable(
  feature: 'file_search' | 'code_interpreter',
  field: string,
  { params, context }: AskingStep,
  { wire, server }: ModelRoute,
): boolean {
  if (params.functions_off === true) return false;
  const hint = wire.cannot[feature];
  if (hint === undefined) return true;
  const message = `\`${field}\` needs \`${feature}\`, which cannot be done over the wire \`${wire.name}\` at ${server.host}`;
  if (params.on_unsupported !== 'warn')
    throw new ThreadlineError('unsupported', `${message}.`, { hint, details: { field, wire: wire.name } });
  context.emit({ type: 'log', level: 'warning', message: `${message}: it is left out.` });
  return false;
}

/** The id of the vector store that has the step's knowledge. */
async function syncedStore(server: FileServer, knowledge: NonNullable<Params['knowledge']>): Promise<string> {
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
