import type { Json, JsonObject } from '../shared/json/json.ts';

/**
 * A step that a provider may run any number of times, such as a function tool of an assistant. The workflow defines it in the
 * provider's parameters; its templates can read `args` besides the scope of the enclosing step.
 */
export interface StepTemplate {
  /** Name of the function tool, as in the workflow file. */
  readonly name: string;
  readonly provider: string;
  readonly config: Json;
  render(args: JsonObject): JsonObject;
  /** What reports show of it: its configuration is secret. */
  toJSON?(): Json;
}

/** A value or a condition that a provider evaluates for each of its own items. */
export interface ItemTemplate {
  /** Templates read the item's fields as roots, and the whole item as `item`. Throws as templates do. */
  render(item: Json): Json;
  /** What reports show of it: the values that it has given, or a condition as it is written. */
  toJSON?(): Json;
}
