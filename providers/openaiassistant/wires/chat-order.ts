import { createHash } from 'node:crypto';
import type { Json, JsonObject } from 'threadline/provider';
import type { Capabilities } from '../dialects/server.ts';

/** What stands for an answer that the model never gave. */
const NO_ANSWER = '(no answer)';

/** Messages of a thread as a server takes them: neighbours of one role are one message, and its own rules are kept. */
export function inOrder(messages: readonly JsonObject[], can: Capabilities): JsonObject[] {
  const ordered: JsonObject[] = [];
  for (const given of messages) {
    const message = can.any_call_ids ? given : withShortIds(given);
    const last = ordered.at(-1);
    if (last && isMerged(last, message)) ordered[ordered.length - 1] = merged(last, message);
    else if (!can.user_after_outputs && last?.role === 'tool' && message.role === 'user')
      ordered.push({ role: 'assistant', content: NO_ANSWER }, message);
    else ordered.push(message);
  }
  return ordered;
}

/** Many chat templates refuse two messages of one role in a row; a step that failed leaves such threads. */
const isMerged = (last: JsonObject, next: JsonObject): boolean =>
  last.role === next.role &&
  last.role !== 'tool' &&
  last.tool_calls === undefined &&
  hasContentOnly(last) &&
  hasContentOnly(next);

/** A message with further fields, such as a model's thoughts, stays its own. */
const hasContentOnly = (message: JsonObject): boolean => Object.keys(message).every((key) => key === 'role' || key === 'content');

function merged(last: JsonObject, { content }: JsonObject): JsonObject {
  if (typeof last.content === 'string' && typeof content === 'string')
    return { ...last, content: [last.content, content].filter(Boolean).join('\n\n') };
  return { ...last, content: [...partsOf(last.content), ...partsOf(content)] };
}

const partsOf = (content: Json | undefined): Json[] =>
  Array.isArray(content) ? content : typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : [];

function withShortIds(message: JsonObject): JsonObject {
  if (typeof message.tool_call_id === 'string') return { ...message, tool_call_id: shortId(message.tool_call_id) };
  if (!Array.isArray(message.tool_calls)) return message;
  const calls = message.tool_calls as JsonObject[];
  return { ...message, tool_calls: calls.map((call) => ({ ...call, id: shortId(String(call.id)) })) };
}

/** An id of nine letters and digits, always the same for the same id: calls and their outputs still belong together. */
const shortId = (id: string): string =>
  /^[a-zA-Z0-9]{9}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9);
