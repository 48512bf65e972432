import { isObject, type JsonObject } from '../../json.ts';
import { chunksOf } from '../chunks.ts';
import type { Item } from '../items.ts';

/** The events by which one output item comes into being, in OpenAI's order. The run numbers them. */
export function* eventsOfItem(item: Item, index: number): Generator<JsonObject> {
  const start = { ...item, status: 'in_progress' };
  const isCall = item.type === 'function_call';
  const added: JsonObject = isCall ? { ...start, arguments: '' } : { ...start, content: [] };
  yield { type: 'response.output_item.added', output_index: index, item: added };
  yield* isCall ? eventsOfArguments(item, index) : eventsOfContent(item, index);
  yield { type: 'response.output_item.done', output_index: index, item };
}

function* eventsOfArguments(item: Item, index: number): Generator<JsonObject> {
  const place = { item_id: item.id, output_index: index };
  const text = String(item.arguments);
  for (const delta of chunksOf(text)) yield { type: 'response.function_call_arguments.delta', ...place, delta };
  yield { type: 'response.function_call_arguments.done', ...place, name: String(item.name), arguments: text };
}

function* eventsOfContent(item: Item, index: number): Generator<JsonObject> {
  const parts = Array.isArray(item.content) ? item.content.filter(isObject) : [];
  for (const [partIndex, part] of parts.entries()) {
    const place = { item_id: item.id, output_index: index, content_index: partIndex };
    const isRefusal = part.type === 'refusal';
    const empty = isRefusal ? { ...part, refusal: '' } : { ...part, text: '' };
    yield { type: 'response.content_part.added', ...place, part: empty };
    yield* isRefusal ? eventsOfRefusal(String(part.refusal), place) : eventsOfText(String(part.text), place);
    yield { type: 'response.content_part.done', ...place, part };
  }
}

function* eventsOfText(text: string, place: JsonObject): Generator<JsonObject> {
  for (const delta of chunksOf(text)) yield { type: 'response.output_text.delta', ...place, delta, logprobs: [] };
  yield { type: 'response.output_text.done', ...place, text, logprobs: [] };
}

function* eventsOfRefusal(refusal: string, place: JsonObject): Generator<JsonObject> {
  for (const delta of chunksOf(refusal)) yield { type: 'response.refusal.delta', ...place, delta };
  yield { type: 'response.refusal.done', ...place, refusal };
}
