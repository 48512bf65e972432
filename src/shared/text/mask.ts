import { isObject, type Json, type JsonObject } from '../json/json.ts';

const MASKED = '***';
/** Shorter values would blank out ordinary words. */
const SHORTEST = 6;
const SECRET_KEY = /key|token|secret|password|passwd|credential|authorization|webhook|^value$/i;

/** The secret as plain text, and encoded for a URL, a form and JSON. */
const formsOf = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret.toWellFormed()),
  new URLSearchParams([['', secret]]).toString().slice(1),
  JSON.stringify(secret).slice(1, -1),
];

/** Replaces secrets wherever they turn up in data that leaves a run: events, reports, the journal. */
export class Mask {
  /** Every form of each secret, with its name, such as `secrets.TOKEN/0`. */
  private readonly secrets = new Map<string, string | undefined>();
  private pattern: RegExp | undefined;

  /** A secret with a name can be sealed, and unsealed by a process that has the secret. */
  add(secret: unknown, name?: string): void {
    if (typeof secret !== 'string' || secret.length < SHORTEST) return;
    for (const [index, form] of formsOf(secret).entries()) {
      const known = this.secrets.get(form);
      this.secrets.set(form, known ?? (name === undefined ? undefined : `${name}/${index}`));
    }
    const longestFirst = [...this.secrets.keys()].sort((a, b) => b.length - a.length);
    this.pattern = new RegExp(longestFirst.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  }

  /** Adds the values of a configuration whose keys name secrets. */
  addConfig(config: JsonObject): void {
    for (const [key, value] of Object.entries(config)) {
      if (isObject(value)) this.addConfig(value);
      else if (SECRET_KEY.test(key)) this.add(value);
    }
  }

  apply<Data>(data: Data): Data {
    const { pattern } = this;
    return pattern ? (inTexts(data as Json, (text) => text.replace(pattern, MASKED)) as Data) : data;
  }

  /** Replaces secrets by their names. `seal` is secret text, so that data cannot imitate a name. */
  seal(data: Json, seal: string): Json {
    const { pattern } = this;
    if (!pattern) return data;
    const nameOf = (secret: string) => this.secrets.get(secret);
    return inTexts(data, (text) =>
      text.replace(pattern, (secret) => (nameOf(secret) === undefined ? MASKED : `<${seal}:${nameOf(secret)}>`)),
    );
  }

  /** Restores sealed secrets; a secret that no longer exists stays hidden. */
  unseal(data: Json, seal: string): Json {
    const byName = new Map([...this.secrets].map(([secret, name]) => [name, secret]));
    const pattern = new RegExp(`<${seal}:([^>]*)>`, 'g');
    return inTexts(data, (text) =>
      text.includes(seal) ? text.replace(pattern, (_, name: string) => byName.get(name) ?? MASKED) : text,
    );
  }
}

/** Changes all texts in the data, including keys. */
function inTexts(data: Json, change: (text: string) => string): Json {
  if (typeof data === 'string') return change(data);
  if (Array.isArray(data)) return data.map((item) => inTexts(item, change));
  if (!isObject(data)) return data;
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(data)) copy[change(key)] = inTexts(item, change);
  return copy;
}
