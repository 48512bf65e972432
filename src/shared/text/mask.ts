import { isObject, type Json, type JsonObject } from '../json/json.ts';
import { referenceOf } from '../json/stored-list.ts';

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
  /** Stored lists in which no secret stands, with the pattern by which that was found. */
  private readonly clean = new WeakMap<object, RegExp>();

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
    if (!pattern) return data;
    return inTexts(data as Json, (text) => text.replace(pattern, MASKED), this.isClean) as Data;
  }

  /** Replaces secrets by their names. `seal` is secret text, so that data cannot imitate a name. */
  seal(data: Json, seal: string): Json {
    const { pattern } = this;
    if (!pattern) return data;
    const nameOf = (secret: string) => this.secrets.get(secret);
    const seals = (secret: string) => (nameOf(secret) === undefined ? MASKED : `<${seal}:${nameOf(secret)}>`);
    return inTexts(data, (text) => text.replace(pattern, seals), this.isClean);
  }

  /** Restores sealed secrets; a secret that no longer exists stays hidden. */
  unseal(data: Json, seal: string): Json {
    const byName = new Map([...this.secrets].map(([secret, name]) => [name, secret]));
    const pattern = new RegExp(`<${seal}:([^>]*)>`, 'g');
    const unseals = (_: string, name: string) => byName.get(name) ?? MASKED;
    return inTexts(
      data,
      (text) => (text.includes(seal) ? text.replace(pattern, unseals) : text),
      () => true,
    );
  }

  /** Whether no secret stands in a stored list. One with a secret is copied, so that the secret can be replaced. */
  private readonly isClean = (list: Json[]): boolean => {
    const { pattern } = this;
    if (!pattern || this.clean.get(list) === pattern) return true;
    if (JSON.stringify(list).search(pattern) >= 0) return false;
    this.clean.set(list, pattern);
    return true;
  };
}

/** Changes all texts in the data, including keys. Stored lists that may stay as they are stay references. */
function inTexts(data: Json, change: (text: string) => string, mayStay: (list: Json[]) => boolean): Json {
  if (typeof data === 'string') return change(data);
  if (Array.isArray(data))
    return referenceOf(data) && mayStay(data) ? data : Array.from(data, (item) => inTexts(item, change, mayStay));
  if (!isObject(data)) return data;
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(data)) copy[change(key)] = inTexts(item, change, mayStay);
  return copy;
}
