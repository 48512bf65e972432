import type { Json, JsonObject } from '../shared/json/json.ts';

/**
 * A step that a provider may run later, as often as it likes: a function tool of an assistant. The workflow's author wrote
 * it in the provider's parameters; only `args` is added to what its templates can read.
 */
export interface StepTemplate {
  /** What the author calls it: the function's name. */
  readonly name: string;
  readonly provider: string;
  readonly config: Json;
  render(args: JsonObject): JsonObject;
}

/** A value, or a condition, that a provider computes once for each item of its own. */
export interface ItemTemplate {
  /** The item's fields can be read by their bare names, and the whole as `item`. Throws as templates do. */
  render(item: Json): Json;
}
