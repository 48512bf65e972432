import { isObject, type Json } from 'threadline/provider';

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
