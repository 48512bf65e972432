import { isObject } from '../../shared/json/json.ts';
import { word } from '../check/checks.ts';
import { pageOf } from '../check/paging.ts';
import { type ApiRequest, type Emulation, param, type Reply, type Route } from '../routing/route.ts';
import { chunkingOf, chunksOfText, textOfFile } from '../vector-stores/chunks.ts';
import { indexLater } from '../vector-stores/indexing.ts';
import { checkAttachment, checkAttributes } from '../vector-stores/parameters.ts';
import { addToStore, fileInStore, fileResource, type IndexedFile } from '../vector-stores/vector-store.ts';
import { vectorStoreOf } from './vector-stores.ts';

const fileOf = (request: ApiRequest, emulation: Emulation): IndexedFile =>
  fileInStore(vectorStoreOf(request, emulation), param(request, 'file_id'));

function attach(request: ApiRequest, emulation: Emulation): Reply {
  const target = vectorStoreOf(request, emulation);
  const { body, latencyMs } = request;
  checkAttachment(body);
  const file = emulation.store.file(String(body.file_id), 'file_id');
  const attributes = isObject(body.attributes) ? body.attributes : {};
  const indexed = addToStore(target, file, attributes, chunkingOf(body.chunking_strategy));
  void indexLater([indexed], latencyMs, emulation.store.closing);
  return { body: fileResource(indexed) };
}

export function pageOfFiles(files: Iterable<IndexedFile>, query: URLSearchParams): Reply {
  const filter = query.get('filter');
  if (filter !== null) word('in_progress', 'completed', 'failed', 'cancelled')(filter, 'filter');
  const wanted = [...files].filter(({ status }) => filter === null || status === filter);
  return { body: pageOf(wanted.map(fileResource), query) };
}

const list = (request: ApiRequest, emulation: Emulation): Reply =>
  pageOfFiles(vectorStoreOf(request, emulation).files.values(), request.query);

const retrieve = (request: ApiRequest, emulation: Emulation): Reply => ({ body: fileResource(fileOf(request, emulation)) });

function update(request: ApiRequest, emulation: Emulation): Reply {
  const indexed = fileOf(request, emulation);
  checkAttributes(request.body);
  indexed.attributes = isObject(request.body.attributes) ? request.body.attributes : {};
  return { body: fileResource(indexed) };
}

/** Removes the file only from the vector store. */
function remove(request: ApiRequest, emulation: Emulation): Reply {
  const { id } = fileOf(request, emulation).file;
  vectorStoreOf(request, emulation).files.delete(id);
  return { body: { id, object: 'vector_store.file.deleted', deleted: true } };
}

function content(request: ApiRequest, emulation: Emulation): Reply {
  const { file, chunking } = fileOf(request, emulation);
  const data = chunksOfText(textOfFile(file), chunking).map((text) => ({ type: 'text', text }));
  return { body: { object: 'vector_store.file_content.page', data, has_more: false, next_page: null } };
}

const ALL = '/vector_stores/{vector_store_id}/files';
const ONE = `${ALL}/{file_id}`;

export const vectorStoreFileRoutes: Route[] = [
  { method: 'POST', template: ALL, worksOn: true, handle: attach },
  { method: 'GET', template: ALL, handle: list },
  { method: 'GET', template: ONE, handle: retrieve },
  { method: 'POST', template: ONE, handle: update },
  { method: 'DELETE', template: ONE, handle: remove },
  { method: 'GET', template: `${ONE}/content`, handle: content },
];
