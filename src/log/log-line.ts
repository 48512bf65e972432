import type { Json, JsonObject } from '../shared/json/json.ts';
import { safeJson } from '../shared/text/safe-text.ts';
import type { LogFormat } from './log-settings.ts';

/** One line, without its end. Text from alerts, models and servers neither ends the line nor steers a terminal. */
export const lineOf = (record: JsonObject, format: LogFormat): string =>
  format === 'json' ? safeJson(record) : Object.entries(record).map(pairOf).join(' ');

/** `key=value`; quoted as in JSON where the value is not one plain word. Lists and maps are JSON, quoted. */
function pairOf([key, value]: [string, Json]): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const isPlain = /^[\w.:/+-]+$/.test(text);
  return `${key.replaceAll(/[^\w.-]/g, '_')}=${isPlain ? text : safeJson(text)}`;
}
