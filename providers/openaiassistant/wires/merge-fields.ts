import { isObject, type Json, type JsonObject } from 'threadline/provider';

/** Fields whose text comes in pieces. Other texts, such as formats and signatures, come whole, and some servers repeat them. */
const IN_PIECES = /^(reasoning|thinking|thoughts?|text|content|summary)$|_(content|text)$/;

/** Adds a piece of a stream to what came before, for fields of a message that nobody here knows. */
export function mergeFields(known: JsonObject, piece: JsonObject): JsonObject {
  const merged = { ...known };
  for (const [key, value] of Object.entries(piece)) merged[key] = mergeValues(key, known[key], value);
  return merged;
}

function mergeValues(key: string, known: Json | undefined, piece: Json): Json {
  if (known === undefined || known === null) return piece;
  if (piece === null || piece === '') return known;
  if (typeof known === 'string' && typeof piece === 'string')
    return known === piece && !IN_PIECES.test(key) ? known : known + piece;
  if (isObject(known) && isObject(piece)) return mergeFields(known, piece);
  return Array.isArray(known) && Array.isArray(piece) ? mergeLists(known, piece) : piece;
}

/** Elements of a list either go on with an earlier one, or are new. */
export function mergeLists(known: Json[], pieces: Json[]): Json[] {
  const merged = [...known];
  for (const piece of pieces) {
    const at = isObject(piece)
      ? merged.findLastIndex((element, index) => goesOn(element, piece, index === merged.length - 1))
      : -1;
    const element = merged[at];
    if (isObject(element) && isObject(piece)) merged[at] = mergeFields(element, piece);
    else merged.push(piece);
  }
  return merged;
}

/** With an index, an element goes on with the one of that index; without, with the last one, unless a signature has ended it. */
function goesOn(element: Json, piece: JsonObject, isLast: boolean): boolean {
  if (!isObject(element) || element.type !== piece.type) return false;
  const isOther = typeof element.id === 'string' && typeof piece.id === 'string' && element.id !== piece.id;
  if (isOther) return false;
  if (typeof piece.index === 'number') return element.index === piece.index;
  return isLast && !element.signature && !element.data;
}
