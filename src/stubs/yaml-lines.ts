import { isObject, type Json } from '../shared/json/json.ts';

/** Words that YAML takes for something else than text. */
const NO_TEXT = /^(?:null|true|false)$/i;
const PLAIN_KEY = /^[A-Za-z_][\w-]*$/;

/** Data as YAML in blocks; texts as JSON has them, which is YAML too. */
export function yamlLines(data: Json): string[] {
  if (Array.isArray(data) && data.length > 0)
    return data.flatMap((item) => yamlLines(item).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`));
  if (!isObject(data) || Object.keys(data).length === 0) return [JSON.stringify(data)];
  return Object.entries(data).flatMap(([key, value]) => {
    const name = PLAIN_KEY.test(key) && !NO_TEXT.test(key) ? key : JSON.stringify(key);
    const lines = yamlLines(value);
    const isBlock = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
    return isBlock ? [`${name}:`, ...lines.map((line) => `  ${line}`)] : [`${name}: ${lines[0]}`];
  });
}
