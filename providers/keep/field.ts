import { isNumber, isObject, type Json, ThreadlineError } from 'threadline/provider';

/** Reads a path such as `labels.team`, own properties only; keys may contain dots. */
export function fieldAt(value: Json, path: string): Json | undefined {
  if (Array.isArray(value)) {
    const [first = '', ...rest] = path.split('.');
    const item = /^\d+$/.test(first) ? value[Number(first)] : undefined;
    return item === undefined || rest.length === 0 ? item : fieldAt(item, rest.join('.'));
  }
  if (!isObject(value)) return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const key = path.slice(0, dot);
    const found = Object.hasOwn(value, key) ? fieldAt(value[key] ?? null, path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Truth of a condition's value as in a step's `if`: empty values are false. */
export function asBoolean(value: Json, name: string): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return !['', 'false'].includes(value.trim().toLowerCase());
  if (value === null || isNumber(value)) return Boolean(value);
  throw new ThreadlineError(
    'expression_failed',
    `\`${name}\` gave ${Array.isArray(value) ? 'a list' : 'a map'}, which is neither true nor false.`,
    {
      hint: 'Compare it with something: `x != null`, `size(x) > 0`, `x == "yes"`.',
    },
  );
}
