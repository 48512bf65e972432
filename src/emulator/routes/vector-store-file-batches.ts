import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { notFound } from '../base/api-error.ts';
import { newId, nowInSeconds } from '../base/identifiers.ts';
import { objectsIn } from '../base/request-json.ts';
import { type ApiRequest, type Emulation, param, type Reply, type Route } from '../routing/route.ts';
import { chunkingOf } from '../vector-stores/chunks.ts';
import { indexLater } from '../vector-stores/indexing.ts';
import { checkBatch } from '../vector-stores/parameters.ts';
import { addToStore, batchResource, type FileBatch } from '../vector-stores/vector-store.ts';
import { pageOfFiles } from './vector-store-files.ts';
import { vectorStoreOf } from './vector-stores.ts';

function create(request: ApiRequest, emulation: Emulation): Reply {
  const { store } = emulation;
  const target = vectorStoreOf(request, emulation);
  const { body, latencyMs } = request;
  checkBatch(body);
  const entries = attachmentsOf(body).map(({ position, settings }) => ({
    file: store.file(String(settings.file_id), position),
    settings,
  }));
  const files = entries.map(({ file, settings }) =>
    addToStore(target, file, isObject(settings.attributes) ? settings.attributes : {}, chunkingOf(settings.chunking_strategy)),
  );
  const batch = { id: newId('vsfb'), createdAt: nowInSeconds(), storeId: target.id, files, isCancelled: false };
  store.fileBatches.set(batch.id, batch);
  void indexLater(files, latencyMs, store.closing);
  return { body: batchResource(batch) };
}

/** `files` have their own settings; `file_ids` share the batch's. */
function attachmentsOf({ file_ids: ids, files, ...shared }: JsonObject): { position: string; settings: JsonObject }[] {
  if (Array.isArray(ids))
    return ids.map((id, index) => ({ position: `file_ids[${index}]`, settings: { ...shared, file_id: id } }));
  return objectsIn(files).map((settings, index) => ({ position: `files[${index}].file_id`, settings }));
}

function batchOf(request: ApiRequest, emulation: Emulation): FileBatch {
  const { id: storeId } = vectorStoreOf(request, emulation);
  const id = param(request, 'batch_id');
  const batch = emulation.store.fileBatches.get(id);
  if (batch?.storeId !== storeId) throw notFound(`No file batch found with id '${id}'.`, 'batch_id');
  return batch;
}

const retrieve = (request: ApiRequest, emulation: Emulation): Reply => ({ body: batchResource(batchOf(request, emulation)) });

/** Indexed files stay; only a batch in progress can become `cancelled`. */
function cancel(request: ApiRequest, emulation: Emulation): Reply {
  const batch = batchOf(request, emulation);
  for (const file of batch.files.filter(({ status }) => status === 'in_progress')) {
    file.status = 'cancelled';
    batch.isCancelled = true;
  }
  return { body: batchResource(batch) };
}

const listFiles = (request: ApiRequest, emulation: Emulation): Reply =>
  pageOfFiles(batchOf(request, emulation).files, request.query);

const ALL = '/vector_stores/{vector_store_id}/file_batches';
const ONE = `${ALL}/{batch_id}`;

export const fileBatchRoutes: Route[] = [
  { method: 'POST', template: ALL, worksOn: true, handle: create },
  { method: 'GET', template: ONE, handle: retrieve },
  { method: 'POST', template: `${ONE}/cancel`, handle: cancel },
  { method: 'GET', template: `${ONE}/files`, handle: listFiles },
];
