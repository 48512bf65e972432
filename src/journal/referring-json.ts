import { relative, resolve } from 'node:path';
import type { Json, JsonObject } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/parse-json.ts';
import { type ListReference, referenceOf } from '../shared/json/stored-list.ts';
import { type MessagesReference, messagesAt } from '../threads/stored-messages.ts';

/**
 * JSON text in which a mark stands for each list that the store of threads has. A mark carries the run's seal, which is secret,
 * so that data cannot imitate it. It names the file of the store by its path from `folder`: both may be moved together.
 */
export class ReferringJson {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  stringify(data: Json, seal: string): string {
    return JSON.stringify(replaceStoredLists(data, (reference) => this.mark(reference as unknown as MessagesReference, seal)));
  }

  parse(text: string, seal: string): Json {
    const data = parseJson(text);
    return text.includes(beginningOf(seal)) ? this.revive(data, seal) : data;
  }

  private mark({ file, ...snapshot }: MessagesReference, seal: string): string {
    return `${beginningOf(seal)}${JSON.stringify({ ...snapshot, file: relative(this.folder, file) })}`;
  }

  private revive(data: Json, seal: string): Json {
    if (typeof data === 'string') return data.startsWith(beginningOf(seal)) ? this.listOf(data, seal) : data;
    if (Array.isArray(data)) return data.map((item) => this.revive(item, seal));
    if (typeof data !== 'object' || data === null) return data;
    const copy: JsonObject = {};
    for (const [key, item] of Object.entries(data)) copy[key] = this.revive(item, seal);
    return copy;
  }

  private listOf(mark: string, seal: string): Json[] {
    const { file, ...snapshot } = JSON.parse(mark.slice(beginningOf(seal).length)) as MessagesReference;
    return messagesAt({ ...snapshot, file: resolve(this.folder, file) });
  }
}

const beginningOf = (seal: string): string => `<${seal}|messages>`;

/** The data with other values in place of its stored lists. What has none stays the same object. */
function replaceStoredLists(data: Json, replace: (reference: ListReference) => Json): Json {
  if (typeof data !== 'object' || data === null) return data;
  const reference = referenceOf(data);
  if (reference) return replace(reference);
  const entries = Object.entries(data);
  const replaced = entries.map(([key, value]) => [key, replaceStoredLists(value, replace)] as const);
  if (replaced.every(([, value], at) => value === entries[at]?.[1])) return data;
  return Array.isArray(data) ? replaced.map(([, value]) => value) : Object.fromEntries(replaced);
}
