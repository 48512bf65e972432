import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from 'threadline/provider';
import type { ThreadItem } from 'threadline/runtime';

/** What a thread consists of, in words of no API; as it is kept in the store of threads. */
export type Item = MessageItem | ToolCallItem | ToolOutputItem | OpaqueItem;

export interface MessageItem {
  type: 'message';
  role: 'user' | 'assistant' | 'system';
  parts: Part[];
  /** What the server calls it; absent of what was sent, which the server names without saying how. */
  id?: string;
  /** Of an answer: the run that it came from. */
  runId?: string;
}

export type Part =
  | { type: 'text'; text: string }
  | { type: 'image'; url?: string; fileId?: string; detail: 'auto' | 'low' | 'high' }
  | { type: 'file'; fileId?: string; name?: string; dataUrl?: string };

export interface ToolCallItem {
  type: 'tool_call';
  callId: string;
  name: string;
  /** JSON text, as the model wrote it. */
  arguments: string;
}

export interface ToolOutputItem {
  type: 'tool_output';
  callId: string;
  output: string;
}

/** What only the wire that made it understands: the sealed thought of a reasoning model. */
export interface OpaqueItem {
  type: 'opaque';
  wire: string;
  item: JsonObject;
}

export const isMessage = (item: Item): item is MessageItem => item.type === 'message';
export const isToolCall = (item: Item): item is ToolCallItem => item.type === 'tool_call';
export const isToolOutput = (item: Item): item is ToolOutputItem => item.type === 'tool_output';

export const userMessage = (text: string): MessageItem => ({ type: 'message', role: 'user', parts: [{ type: 'text', text }] });

export const textOfParts = (parts: Part[]): string =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');

/** Outputs for calls that nobody answers any more. */
export const unanswered = (calls: { callId: string }[], reason: string): ToolOutputItem[] =>
  calls.map(({ callId }) => ({ type: 'tool_output', callId, output: JSON.stringify({ error: reason }) }));

/** The calls among items that have no output: those of a process that died, say. */
export function danglingCalls(items: readonly Item[]): ToolCallItem[] {
  const answered = new Set(items.filter(isToolOutput).map(({ callId }) => callId));
  return items.filter(isToolCall).filter(({ callId }) => !answered.has(callId));
}

/**
 * Whether both are one entry of a thread. Servers name messages late; `strictly`, the same words alone do not do, since
 * somebody else may have said them.
 */
export function isSameItem(one: Item, other: Item, strictly: boolean): boolean {
  if (isMessage(one) && isMessage(other)) {
    if (one.id !== undefined && other.id !== undefined) return one.id === other.id;
    return !strictly && one.role === other.role && textOfParts(one.parts) === textOfParts(other.parts);
  }
  if (isToolCall(one) || isToolOutput(one)) return one.type === other.type && one.callId === other.callId;
  return isDeepStrictEqual(one, other);
}

/** The store keeps JSON; these are it. */
export const asStored = (items: readonly Item[]): ThreadItem[] => items as unknown as ThreadItem[];
export const fromStored = (item: ThreadItem): Item => item as unknown as Item;

export const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
