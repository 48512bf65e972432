import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { nowInSeconds } from '../base/identifiers.ts';
import { pageOf } from '../check/paging.ts';
import { type ApiRequest, type Emulation, param, type Reply, type Route } from '../routing/route.ts';
import { chunkingOf } from '../vector-stores/chunks.ts';
import { indexLater } from '../vector-stores/indexing.ts';
import { checkCreateStore, checkSearch, checkUpdateStore } from '../vector-stores/parameters.ts';
import { type SearchMatch, search } from '../vector-stores/search.ts';
import { addToStore, daysOf, newVectorStore, storeResource, type VectorStore } from '../vector-stores/vector-store.ts';

export const vectorStoreOf = (request: ApiRequest, { store }: Emulation): VectorStore =>
  store.vectorStore(param(request, 'vector_store_id'));

function create({ body, latencyMs }: ApiRequest, { store }: Emulation): Reply {
  checkCreateStore(body);
  const ids = Array.isArray(body.file_ids) ? body.file_ids.map(String) : [];
  const files = ids.map((id, index) => store.file(id, `file_ids[${index}]`));
  const created = newVectorStore(body);
  const indexed = files.map((file) => addToStore(created, file, {}, chunkingOf(body.chunking_strategy)));
  store.vectorStores.set(created.id, created);
  void indexLater(indexed, latencyMs, store.closing);
  return { body: storeResource(created) };
}

const list = ({ query }: ApiRequest, { store }: Emulation): Reply => ({
  body: pageOf([...store.vectorStores.values()].map(storeResource), query),
});

const retrieve = (request: ApiRequest, emulation: Emulation): Reply => ({
  body: storeResource(vectorStoreOf(request, emulation)),
});

function update(request: ApiRequest, emulation: Emulation): Reply {
  const store = vectorStoreOf(request, emulation);
  const { body } = request;
  checkUpdateStore(body);
  if (typeof body.name === 'string') store.name = body.name;
  if (isObject(body.metadata)) store.metadata = body.metadata;
  if (body.expires_after !== undefined) store.expiresAfterDays = daysOf(body);
  store.lastActiveAt = nowInSeconds();
  return { body: storeResource(store) };
}

function remove(request: ApiRequest, emulation: Emulation): Reply {
  const { id } = vectorStoreOf(request, emulation);
  emulation.store.vectorStores.delete(id);
  return { body: { id, object: 'vector_store.deleted', deleted: true } };
}

function find(request: ApiRequest, emulation: Emulation): Reply {
  const store = vectorStoreOf(request, emulation);
  checkSearch(request.body);
  const { query } = request.body;
  const queries = Array.isArray(query) ? query.map(String) : [String(query)];
  store.lastActiveAt = nowInSeconds();
  const data = search([store], queries, request.body).map(searchResult);
  return { body: { object: 'vector_store.search_results.page', search_query: queries, data, has_more: false, next_page: null } };
}

const searchResult = ({ file: { file, attributes }, text, score }: SearchMatch): JsonObject => ({
  file_id: file.id,
  filename: file.filename,
  score,
  attributes,
  content: [{ type: 'text', text }],
});

const ONE = '/vector_stores/{vector_store_id}';

export const vectorStoreRoutes: Route[] = [
  { method: 'POST', template: '/vector_stores', worksOn: true, handle: create },
  { method: 'GET', template: '/vector_stores', handle: list },
  { method: 'GET', template: ONE, handle: retrieve },
  { method: 'POST', template: ONE, handle: update },
  { method: 'DELETE', template: ONE, handle: remove },
  { method: 'POST', template: `${ONE}/search`, handle: find },
];
