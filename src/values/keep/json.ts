import type { Json } from '../../shared/json/json.ts';
import { expressionFailed } from '../core/kinds.ts';
import { parsedJson } from './arguments.ts';
import { type KeepFunction, keepFunction } from './keep-function.ts';

const INDENT = 4;

/** Formats JSON text; other text becomes a JSON string. */
function dumps([data = null]: Json[]): string {
  const parsed = typeof data === 'string' ? parsedJson(data) : undefined;
  return JSON.stringify(parsed === undefined ? data : parsed, null, INDENT);
}

/** A JSON string; if it is not closed, it ends with the text. */
const STRINGS = /"(?:[^"\\]|\\[\s\S])*"?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what JSON does not allow inside of strings
const CONTROL = /[\u0000-\u001f]/g;

const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

function loads([data = null]: Json[]): Json {
  if (typeof data !== 'string') return data;
  const parsed = parsedJson(data) ?? parsedJson(data.replace(STRINGS, (string) => string.replace(CONTROL, escaped)));
  if (parsed !== undefined) return parsed;
  const start = data.trim().slice(0, 60);
  throw expressionFailed(
    start === '' ? 'There is no JSON in empty text.' : `This text is no JSON: "${start}".`,
    'keep.dictget(text, key, default) gives a default for what is no JSON.',
  );
}

export const jsonFunctions: readonly KeepFunction[] = [
  keepFunction(
    'json_dumps(data)',
    {
      description: 'The value as JSON text, indented by four; text that is JSON already is laid out anew.',
      example: {
        template: '{{ keep.json_dumps(alert.labels) }}',
        scope: { alert: { labels: { team: 'sre' } } },
        result: '{\n    "team": "sre"\n}',
      },
      difference: 'Other text becomes a JSON string, where Keep fails; letters beyond ASCII stay letters.',
    },
    dumps,
  ),
  keepFunction(
    'json_loads(data)',
    {
      description: 'What JSON text says; line breaks inside its strings are allowed. A value that is no text stays as it is.',
      example: {
        template: '{{ keep.json_loads(steps.ask.results) }}',
        scope: { steps: { ask: { results: '{"restart": true}' } } },
        result: { restart: true },
      },
      difference: 'Text that is no JSON is an error, where Keep gives an empty map.',
    },
    loads,
  ),
];
