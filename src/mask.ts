import { isObject, type Json, type JsonObject } from './json.ts';

const MASKED = '***';
/** Shorter values would blank out ordinary words. */
const SHORTEST = 6;
const SECRET_KEY = /key|token|secret|password|passwd|credential|authorization|webhook|^value$/i;

/** As it is, in a URL, in a form, and in JSON. */
const formsOf = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret.toWellFormed()),
  new URLSearchParams([['', secret]]).toString().slice(1),
  JSON.stringify(secret).slice(1, -1),
];

/** Replaces secrets wherever they turn up in data that leaves a run: events, reports, the journal. */
export class Mask {
  private readonly secrets = new Set<string>();
  private pattern: RegExp | undefined;

  add(secret: unknown): void {
    if (typeof secret !== 'string' || secret.length < SHORTEST) return;
    for (const form of formsOf(secret)) this.secrets.add(form);
    const longestFirst = [...this.secrets].sort((a, b) => b.length - a.length);
    this.pattern = new RegExp(longestFirst.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  }

  /** The values of a configuration whose keys say that they are secret. */
  addConfig(config: JsonObject): void {
    for (const [key, value] of Object.entries(config)) {
      if (isObject(value)) this.addConfig(value);
      else if (SECRET_KEY.test(key)) this.add(value);
    }
  }

  apply<Data>(data: Data): Data {
    return this.pattern ? (this.masked(data as Json) as Data) : data;
  }

  private masked(data: Json): Json {
    if (typeof data === 'string') return data.replace(this.pattern as RegExp, MASKED);
    if (Array.isArray(data)) return data.map((item) => this.masked(item));
    if (!isObject(data)) return data;
    const copy: JsonObject = {};
    for (const [key, item] of Object.entries(data)) copy[this.masked(key) as string] = this.masked(item);
    return copy;
  }
}
