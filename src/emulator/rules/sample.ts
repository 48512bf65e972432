import { isObject, type Json, type JsonNumber, type JsonObject } from '../../shared/json/json.ts';

/** Sample text if only the type is known. */
const TEXT = 'offline';

const FORMATS: Record<string, string> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  duration: 'PT0S',
  email: 'offline@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** Signals a branch that leads back into itself, so that a union tries the next one. */
class EndlessSchema extends Error {}

/** A minimal instance of a JSON Schema. Ignores patterns and uniqueItems. */
export function sampleOf(schema: Json, fallbackType = 'string'): Json {
  return new Sampler(schema, fallbackType).sample(schema, []);
}

class Sampler {
  readonly #root: Json;
  readonly #fallbackType: string;

  constructor(root: Json, fallbackType: string) {
    this.#root = root;
    this.#fallbackType = fallbackType;
  }

  /** `open` holds the references that are being followed. */
  sample(schema: Json | undefined, open: string[]): Json {
    if (!isObject(schema)) return this.#ofType({}, this.#fallbackType, open);
    if (typeof schema.$ref === 'string') return this.#reference(schema.$ref, open);
    if (schema.const !== undefined) return schema.const;
    if (Array.isArray(schema.enum) && schema.enum[0] !== undefined) return schema.enum[0];
    for (const union of [schema.anyOf, schema.oneOf]) {
      if (Array.isArray(union) && union.length > 0) return this.#firstFinite(schema, union, open);
    }
    if (Array.isArray(schema.allOf)) return this.sample(merge(schema, schema.allOf, this.#root), open);
    return this.#ofType(schema, typeOfSchema(schema) ?? this.#fallbackType, open);
  }

  #reference(reference: string, open: string[]): Json {
    if (open.includes(reference)) throw new EndlessSchema(`The schema has no finite instance: ${reference}.`);
    return this.sample(lookUp(this.#root, reference), [...open, reference]);
  }

  #firstFinite(schema: JsonObject, union: Json[], open: string[]): Json {
    const { anyOf: _anyOf, oneOf: _oneOf, ...siblings } = schema;
    let endless: unknown;
    for (const branch of union) {
      try {
        return this.sample(isObject(branch) && !branch.$ref ? merge(siblings, [branch], this.#root) : branch, open);
      } catch (thrown) {
        if (!(thrown instanceof EndlessSchema)) throw thrown;
        endless = thrown;
      }
    }
    throw endless;
  }

  #ofType(schema: JsonObject, type: string, open: string[]): Json {
    if (type === 'object') return this.#object(schema, open);
    if (type === 'array') return this.#array(schema, open);
    if (type === 'string') return sampleText(schema);
    if (type === 'number' || type === 'integer') return sampleNumber(schema, type === 'integer');
    return type === 'boolean' ? false : null;
  }

  #object(schema: JsonObject, open: string[]): JsonObject {
    const properties = isObject(schema.properties) ? schema.properties : {};
    const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
    return Object.fromEntries(required.map((name) => [name, this.sample(properties[name], open)]));
  }

  #array(schema: JsonObject, open: string[]): Json[] {
    const fixed = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
    const length = Math.max(Number(schema.minItems ?? 0), 0);
    return Array.from({ length }, (_, index) => this.sample(fixed[index] ?? schema.items, open));
  }
}

function typeOfSchema(schema: JsonObject): string | undefined {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (typeof type === 'string') return type;
  if (schema.properties || schema.required) return 'object';
  return schema.items ? 'array' : undefined;
}

/** Merges the schemas of an `allOf`. */
function merge(base: JsonObject, parts: Json[], root: Json): JsonObject {
  const { allOf: _allOf, ...result } = base;
  for (const part of parts) {
    const schema = isObject(part) && typeof part.$ref === 'string' ? lookUp(root, part.$ref) : part;
    if (!isObject(schema)) continue;
    const properties = { ...asObject(result.properties), ...asObject(schema.properties) };
    const required = [...asList(result.required), ...asList(schema.required)];
    Object.assign(result, schema);
    if (Object.keys(properties).length > 0) result.properties = properties;
    if (required.length > 0) result.required = required;
  }
  return result;
}

const asObject = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
const asList = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** A JSON pointer within the schema: `#/$defs/host`. */
function lookUp(root: Json, reference: string): Json | undefined {
  let found: Json | undefined = root;
  for (const segment of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    const name = decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
    found = Array.isArray(found) ? found[Number(name)] : asObject(found)[name];
  }
  return found;
}

function sampleText(schema: JsonObject): string {
  const format = typeof schema.format === 'string' ? FORMATS[schema.format] : undefined;
  if (format) return format;
  const padded = TEXT.padEnd(Number(schema.minLength ?? 0), '.');
  return padded.slice(0, Number(schema.maxLength ?? padded.length));
}

function sampleNumber(schema: JsonObject, isInteger: boolean): JsonNumber {
  // Beyond 2^53 only the bound itself is sure to fit.
  if (typeof schema.minimum === 'bigint' && schema.minimum > 0n) return schema.minimum;
  if (typeof schema.maximum === 'bigint' && schema.maximum < 0n) return schema.maximum;
  const step = Number(schema.multipleOf ?? (isInteger ? 1 : 0));
  const bounds = { above: schema.exclusiveMinimum, below: schema.exclusiveMaximum };
  const nudge = step || 1e-6;
  const minimum = Math.max(
    Number(schema.minimum ?? -Infinity),
    typeof bounds.above === 'number' ? bounds.above + nudge : -Infinity,
  );
  const maximum = Math.min(
    Number(schema.maximum ?? Infinity),
    typeof bounds.below === 'number' ? bounds.below - nudge : Infinity,
  );
  if (minimum > 0) return step ? Math.ceil(minimum / step) * step : minimum;
  if (maximum < 0) return step ? Math.floor(maximum / step) * step : maximum;
  return 0;
}
