import type OpenAI from 'openai';
import { durationMs, type Json, type JsonObject, type ProviderContext, ThreadlineError, withDeadline } from 'threadline/provider';
import { checkOperation } from '../check/check-operation.ts';
import type { Operation, OperationParams } from '../contract/operation-schema.ts';
import type { Config } from '../contract/schema.ts';
import { type FileServer, openFileServer } from '../knowledge/file-server.ts';
import { deleteThread } from './delete-thread.ts';
import { removeFile, uploadFiles } from './files.ts';
import { getMessages, listThreads, updateMetadata } from './threads.ts';
import { addToVectorStore, makeVectorStore, removeVectorStore } from './vector-stores.ts';

const TIMEOUT_MS = 600_000;

const RUN: Record<Operation, (params: OperationParams, server: FileServer) => Promise<Json>> = {
  upload: uploadFiles,
  delete_file: removeFile,
  create_vector_store: makeVectorStore,
  add_to_vector_store: addToVectorStore,
  delete_vector_store: removeVectorStore,
  list_threads: listThreads,
  delete_thread: deleteThread,
  get_messages: getMessages,
  update_thread_metadata: updateMetadata,
};

/**
 * Runs the operation. Rejects with `invalid_params` where a parameter is missing, and with `timeout` when it takes longer than
 * `timeout`, ten minutes by default.
 */
export async function runOperation(params: OperationParams, context: ProviderContext<Config>, client: OpenAI): Promise<Json> {
  const { operation = 'ask', timeout } = params;
  if (operation === 'ask') throw new ThreadlineError('internal', 'Asking is not an operation on files or threads.');
  const [problem] = checkOperation(params as JsonObject);
  if (problem)
    throw new ThreadlineError('invalid_params', `${capitalised(problem.message)}.`, problem.hint ? { hint: problem.hint } : {});
  const limitMs = durationMs(timeout ?? '') ?? TIMEOUT_MS;
  const late = new ThreadlineError('timeout', `\`operation: ${operation}\` took longer than ${limitMs / 1000} seconds.`, {
    hint: 'Raise `timeout` in its parameters.',
  });
  return withDeadline(limitMs, late, context.signal, async (signal) =>
    RUN[operation](params, await openFileServer(client, context, signal)),
  );
}

const capitalised = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);
