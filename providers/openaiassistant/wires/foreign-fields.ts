import type OpenAI from 'openai';
import type { JsonObject } from 'threadline/provider';
import { type Foreign, type Item, isToolCall } from '../question/items.ts';

/** The server that gets foreign fields back. */
export const originOf = ({ baseURL }: OpenAI): string => baseURL.replace(/\/+$/, '');

/** What is left of a message or a call when all is taken that every server knows; undefined where nothing is. */
export function foreignOf(fields: JsonObject, origin: string): Foreign | undefined {
  const said = Object.entries(fields).filter(([, value]) => value !== null);
  return said.length === 0 ? undefined : { origin, fields: Object.fromEntries(said) };
}

/** The fields, for the server that sent them. */
export const fieldsFor = (origin: string | undefined, foreign: Foreign | undefined): JsonObject =>
  foreign && foreign.origin === origin ? foreign.fields : {};

/** Thoughts in plain text, under the names that servers have for them. */
const THOUGHTS = new Set(['reasoning', 'reasoning_content', 'thinking', 'thought', 'thoughts']);

/** Without the thoughts that can be read, beside the text or between its parts: without calls they are no part of the history. */
export const withoutPlainThoughts = ({ content: _, ...fields }: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([key, value]) => !(THOUGHTS.has(key) && typeof value === 'string')));

/** The items of those turns in which functions were called. A turn goes from the user's messages to the next ones. */
export function callingTurns(items: readonly Item[]): ReadonlySet<Item> {
  const calling = new Set<Item>();
  let turn: Item[] = [];
  let calls = false;
  for (const item of items) {
    if (item.type === 'message' && item.role === 'user') {
      turn = [];
      calls = false;
    }
    turn.push(item);
    calls ||= isToolCall(item);
    if (calls) for (const one of turn.splice(0)) calling.add(one);
  }
  return calling;
}
