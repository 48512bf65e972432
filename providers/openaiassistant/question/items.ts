import { isDeepStrictEqual } from 'node:util';
import { type Json, type JsonObject, parseJson } from 'threadline/provider';
import type { ThreadItem } from 'threadline/runtime';

/** An entry of a thread, independent of any API; kept in this form in the store of threads. */
export type Item = MessageItem | ToolCallItem | ToolOutputItem | OpaqueItem;

export interface MessageItem {
  type: 'message';
  role: 'user' | 'assistant' | 'system';
  parts: Part[];
  /** The server's id; absent for messages that were sent, whose ids the server does not tell. */
  id?: string;
  /** The run that an answer came from. */
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

/** An item that only its own wire understands: the sealed thought of a reasoning model. */
interface OpaqueItem {
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

/** Outputs for calls that will not be answered any more, with the reason as their error. */
export const unanswered = (calls: { callId: string }[], reason: string): ToolOutputItem[] =>
  calls.map(({ callId }) => ({ type: 'tool_output', callId, output: JSON.stringify({ error: reason }) }));

/** The calls among items that have no output, such as calls of a process that died. */
export function danglingCalls(items: readonly Item[]): ToolCallItem[] {
  const answered = new Set(items.filter(isToolOutput).map(({ callId }) => callId));
  return items.filter(isToolCall).filter(({ callId }) => !answered.has(callId));
}

/**
 * Whether both are the same entry of a thread. Where an id is not known yet, the same words count, unless `strictly`: somebody
 * else may have said them.
 */
export function isSameItem(one: Item, other: Item, strictly: boolean): boolean {
  if (isMessage(one) && isMessage(other)) {
    if (one.id !== undefined && other.id !== undefined) return one.id === other.id;
    return !strictly && one.role === other.role && textOfParts(one.parts) === textOfParts(other.parts);
  }
  if (isToolCall(one) || isToolOutput(one)) return one.type === other.type && one.callId === other.callId;
  return isDeepStrictEqual(one, other);
}

/** Items are JSON, in the store's own form. */
export const asStored = (items: readonly Item[]): ThreadItem[] => items as unknown as ThreadItem[];
export const fromStored = (item: ThreadItem): Item => item as unknown as Item;

export const asJson = (value: unknown): Json => parseJson(JSON.stringify(value)) as Json;
