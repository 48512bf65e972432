import type { Json, JsonObject } from '../../shared/json/json.ts';
import { newFileId, newId } from '../base/identifiers.ts';
import { objectsIn } from '../base/request-json.ts';
import type { Citation, Sources } from '../rules/rules.ts';
import type { Store } from '../store/store.ts';
import type { Item } from '../transcript/items.ts';
import { type SearchMatch, search } from '../vector-stores/search.ts';

/** Request data for an answer with sources. */
export interface SourceRequest {
  body: JsonObject;
  prompt: string;
  store: Store;
}

/** The search before an answer; empty if the request has no search tool. */
export function fileSearchCalls({ file_search: isWanted }: Sources, { body, prompt, store }: SourceRequest): Item[] {
  const tool = objectsIn(body.tools).find(({ type }) => type === 'file_search');
  if (!isWanted || !tool) return [];
  const ids = Array.isArray(tool.vector_store_ids) ? tool.vector_store_ids : [];
  const stores = ids.map((id) => store.vectorStore(String(id)));
  const include = Array.isArray(body.include) ? body.include : [];
  const results = include.includes('file_search_call.results') ? search(stores, [prompt], tool).map(searchCallResult) : null;
  return [{ id: newId('fs'), type: 'file_search_call', status: 'completed', queries: [prompt], results }];
}

const searchCallResult = ({ file: { file, attributes }, text, score }: SearchMatch): Json => ({
  file_id: file.id,
  filename: file.filename,
  text,
  attributes,
  score,
});

/** Citations of the answer, including those of files that it creates. */
export function annotationsOf(sources: Sources, text: string, store: Store): JsonObject[] {
  const ownContainer = newId('cntr');
  const made = (sources.container_files ?? []).map(
    ({ container_id: container = ownContainer, filename, text: content }): Citation => {
      const { id } = store.addContainerFile(container, Buffer.from(content));
      return { type: 'container_file_citation', container_id: container, file_id: id, filename };
    },
  );
  return [...(sources.annotations ?? []), ...made].map((citation) => annotationOf(citation, text, store));
}

function annotationOf(citation: Citation, text: string, store: Store): JsonObject {
  if (citation.type === 'file_citation') {
    const { filename, index = text.length } = citation;
    return { type: citation.type, file_id: citation.file_id ?? idOfFile(filename, store), filename, index };
  }
  const range = { start_index: 0, end_index: text.length };
  return citation.type === 'url_citation' ? { ...range, title: '', ...citation } : { ...range, ...citation };
}

/** Cites the newest file with the name. Without one, the citation looks like that of a deleted file. */
const idOfFile = (filename: string, store: Store): string =>
  [...store.files.values()].findLast((file) => file.filename === filename)?.id ?? newFileId();
