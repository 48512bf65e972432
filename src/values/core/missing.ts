import { ThreadlineError } from '../../shared/errors/errors.ts';
import { type DataPath, isObject, type Json } from '../../shared/json/json.ts';
import { nearest } from '../../shared/text/suggest.ts';
import { kindOf } from './kinds.ts';

/** Ends an expression that is false if a field is missing; `Compilation.finish` turns it into false. */
export class FieldMissing extends Error {}

const SHOWN_KEYS = 8;
const PLAIN_KEY = /^[\p{L}_@$][\p{L}\p{N}_@$:-]*$/u;

export const keysOf = (value: Json | undefined): string[] => (isObject(value) ? Object.keys(value) : []);

/** Formats a path as in a template: `steps.get-pods.results[0]['app name']`. */
export function pathText(prefix: string, keys: DataPath): string {
  let text = prefix;
  for (const key of keys) {
    if (typeof key === 'string' && PLAIN_KEY.test(key)) text += text === '' || text.endsWith('/') ? key : `.${key}`;
    else text += typeof key === 'number' || /^\d+$/.test(key) ? `[${key}]` : `['${key}']`;
  }
  return text;
}

function listing(owner: string, keys: readonly string[]): string {
  if (keys.length === 0) return `${owner} is empty.`;
  const shown = keys.slice(0, SHOWN_KEYS).join(', ');
  return `${owner} has: ${shown}${keys.length > SHOWN_KEYS ? ', …' : ''}.`;
}

function hintFor(container: string, value: Json, key: string | number, rest: DataPath): string {
  if (Array.isArray(value)) {
    return `\`${container}\` is a list of ${value.length}; its first item is \`${container}[0]\`.`;
  }
  if (!isObject(value)) return `\`${container}\` is ${kindOf(value)} and has no fields.`;
  const close = nearest(String(key), Object.keys(value));
  if (close !== undefined) return `Did you mean \`${pathText(container, [close, ...rest])}\`?`;
  return listing(`\`${container}\``, Object.keys(value));
}

/** `container` is the existing part of the path, and `keys` were read from it. */
export function missingValue(container: string, value: Json, keys: DataPath): ThreadlineError {
  const [key = '', ...rest] = keys;
  const message = `\`${pathText(container, keys)}\` is not there.`;
  return new ThreadlineError('missing_value', message, { hint: hintFor(container, value, key, rest) });
}

/** For what a result referred to, and its store has no more. */
export const lostValue = (path: string, loss: string): ThreadlineError =>
  new ThreadlineError('missing_value', `\`${path}\` is not there any more: ${loss}.`, {
    hint: 'A run from the step on whose result this is makes it anew.',
  });

/** For a path whose first name is unknown. */
export function missingRoot(prefix: string, name: string, keys: DataPath, known: readonly string[]): ThreadlineError {
  const message = `\`${pathText(
    prefix,
    [name, ...keys].filter((key) => key !== ''),
  )}\` is not there.`;
  const close = nearest(name, known);
  const hint = close === undefined ? listing('This place', known) : `Did you mean \`${pathText(prefix, [close, ...keys])}\`?`;
  return new ThreadlineError('missing_value', message, { hint });
}
