// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 has no place for, not even escaped.
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // Unescaped, parsers would normalize these to spaces or newlines.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

export const escapeText = (text: string): string =>
  text
    .toWellFormed()
    .replace(ILLEGAL, '')
    .replace(/[&<>\r]/g, entityOf);

type Attributes = Record<string, string | number | undefined>;

/** Renders an element; `children` are XML already. Attributes without a value are left out. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const head = [name];
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) head.push(`${key}="${escapeAttribute(String(value))}"`);
  }
  const start = head.join(' ');
  return children.length === 0 ? `<${start}/>` : `<${start}>${children.join('')}</${name}>`;
}

const escapeAttribute = (text: string): string =>
  text
    .toWellFormed()
    .replace(ILLEGAL, '')
    .replace(/[&<>"\t\n\r]/g, entityOf);

const entityOf = (character: string): string => ENTITIES[character] ?? character;
