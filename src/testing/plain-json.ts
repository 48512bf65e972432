/** Where a value is not plain JSON, and what stands there: `results.at is a Date`; undefined where all of it is. */
export function placeOfNoJson(value: unknown, path: string, above: readonly object[] = []): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${value}`;
  if (typeof value !== 'object') return `${path} is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}`;
  if (above.includes(value)) return `${path} leads back to itself`;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype)
    return `${path} is a ${value.constructor.name}`;
  for (const [key, item] of Object.entries(value)) {
    const place = placeOfNoJson(item, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, [...above, value]);
    if (place) return place;
  }
  return undefined;
}
