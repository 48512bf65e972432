import type { Json, JsonObject } from '../shared/json/json.ts';
import { safeJson } from '../shared/text/safe-text.ts';
import type { LogFormat } from './log-settings.ts';

/** A line without its newline. Newlines and control characters in text from alerts, models and servers are escaped. */
export const lineOf = (record: JsonObject, format: LogFormat): string =>
  format === 'json' ? safeJson(record) : Object.entries(record).map(pairOf).join(' ');

/** `key=value`; a value that is not a plain word is quoted as in JSON. Lists and maps are quoted JSON. */
function pairOf([key, value]: [string, Json]): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const isPlain = /^[\w.:/+-]+$/.test(text);
  return `${key.replaceAll(/[^\w.-]/g, '_')}=${isPlain ? text : safeJson(text)}`;
}
