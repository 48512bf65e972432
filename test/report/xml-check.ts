export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

const TOKEN = /<\?xml[^>]*\?>|<\/([\w-]+)>|<([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;

/** Every element of a document in the order of their starts. Throws where XML 1.0 would not have it; knows no more than reports use. */
export function parseXml(xml: string): XmlElement[] {
  const all: XmlElement[] = [];
  const open: XmlElement[] = [];
  let end = 0;
  for (const [token, closed, name, attributes = '', isEmpty, text] of xml.matchAll(TOKEN)) {
    end += token.length;
    if (closed && open.pop()?.name !== closed) throw new Error(`</${closed}> ends nothing`);
    const parent = open.at(-1);
    if (text && parent) parent.text += unescaped(text);
    if (!name) continue;
    const element = { name, attributes: attributesOf(attributes), children: [], text: '' };
    parent?.children.push(element);
    all.push(element);
    if (!isEmpty) open.push(element);
  }
  if (end !== xml.length || open.length > 0) throw new Error(`not well formed at ${end}: ${xml.slice(end, end + 80)}`);
  return all;
}

function attributesOf(source: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, key = '', value = ''] of source.matchAll(/ ([\w-]+)="([^"]*)"/g)) found[key] = unescaped(value);
  return found;
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };

const ILLEGAL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for them.
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\]\]>|&(?!(?:amp|lt|gt|quot|#\d+);)/;

function unescaped(text: string): string {
  if (ILLEGAL.test(text) || !text.isWellFormed()) throw new Error(`not XML: ${text}`);
  return text.replace(/&(?:#(\d+)|(\w+));/g, (_, code, name) =>
    code ? String.fromCodePoint(Number(code)) : (NAMED[name] ?? ''),
  );
}
