import { isObject, type Json } from '../../shared/json/json.ts';
import type { Item } from '../transcript/items.ts';
import type { Store } from './store.ts';

/** Refuses messages with unknown files. */
export function checkFilesOf(items: readonly Item[], param: string, store: Store): void {
  for (const [index, item] of items.entries()) {
    const name = item.type === 'function_call_output' ? 'output' : 'content';
    for (const [place, part] of entriesOf(item[name])) {
      if (isObject(part) && typeof part.file_id === 'string')
        store.file(part.file_id, `${param}[${index}].${name}[${place}].file_id`);
    }
  }
}

/** Refuses tools with unknown files or vector stores. */
export function checkSourcesOfTools(tools: Json | undefined, store: Store): void {
  for (const [index, tool] of entriesOf(tools)) {
    if (!isObject(tool)) continue;
    const name = `tools[${index}]`;
    for (const [place, id] of entriesOf(tool.vector_store_ids))
      store.vectorStore(String(id), `${name}.vector_store_ids[${place}]`);
    const fileIds = isObject(tool.container) ? tool.container.file_ids : undefined;
    for (const [place, id] of entriesOf(fileIds)) store.file(String(id), `${name}.container.file_ids[${place}]`);
  }
}

const entriesOf = (list: Json | undefined) => (Array.isArray(list) ? list : []).entries();
