import type { JsonObject } from '../../shared/json/json.ts';
import { chunksOf } from '../base/chunks.ts';
import { objectsIn } from '../base/request-json.ts';
import type { Item } from './items.ts';

/** An item without the parts that later events add. */
const EMPTY: Record<string, JsonObject> = {
  function_call: { arguments: '' },
  file_search_call: { queries: [], results: null },
  message: { content: [] },
};

/** The events that create an output item, in OpenAI's order. The run numbers them. */
export function* eventsOfItem(item: Item, index: number): Generator<JsonObject> {
  const added = { ...item, status: 'in_progress', ...EMPTY[item.type] };
  yield { type: 'response.output_item.added', output_index: index, item: added };
  if (item.type === 'function_call') yield* eventsOfArguments(item, index);
  else if (item.type === 'file_search_call') yield* eventsOfSearch(item, index);
  else yield* eventsOfContent(item, index);
  yield { type: 'response.output_item.done', output_index: index, item };
}

function* eventsOfSearch(item: Item, index: number): Generator<JsonObject> {
  for (const state of ['in_progress', 'searching', 'completed'])
    yield { type: `response.file_search_call.${state}`, item_id: item.id, output_index: index };
}

function* eventsOfArguments(item: Item, index: number): Generator<JsonObject> {
  const position = { item_id: item.id, output_index: index };
  const text = String(item.arguments);
  for (const delta of chunksOf(text)) yield { type: 'response.function_call_arguments.delta', ...position, delta };
  yield { type: 'response.function_call_arguments.done', ...position, name: String(item.name), arguments: text };
}

function* eventsOfContent(item: Item, index: number): Generator<JsonObject> {
  for (const [partIndex, part] of objectsIn(item.content).entries()) {
    const position = { item_id: item.id, output_index: index, content_index: partIndex };
    const isRefusal = part.type === 'refusal';
    const empty = isRefusal ? { ...part, refusal: '' } : { ...part, text: '', annotations: [] };
    yield { type: 'response.content_part.added', ...position, part: empty };
    yield* isRefusal ? eventsOfRefusal(String(part.refusal), position) : eventsOfText(part, position);
    yield { type: 'response.content_part.done', ...position, part };
  }
}

function* eventsOfText(part: JsonObject, position: JsonObject): Generator<JsonObject> {
  const text = String(part.text);
  for (const delta of chunksOf(text)) yield { type: 'response.output_text.delta', ...position, delta, logprobs: [] };
  const annotations = Array.isArray(part.annotations) ? part.annotations : [];
  for (const [annotationIndex, annotation] of annotations.entries())
    yield { type: 'response.output_text.annotation.added', ...position, annotation_index: annotationIndex, annotation };
  yield { type: 'response.output_text.done', ...position, text, logprobs: [] };
}

function* eventsOfRefusal(refusal: string, position: JsonObject): Generator<JsonObject> {
  for (const delta of chunksOf(refusal)) yield { type: 'response.refusal.delta', ...position, delta };
  yield { type: 'response.refusal.done', ...position, refusal };
}
