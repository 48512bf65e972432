import { isObject, type Json } from '../shared/json/json.ts';

/** The arguments that a function tool declares beside its step; undefined where they are declared elsewhere, or may be any. */
export function argumentsOf(tool: Json): ReadonlySet<string> | undefined {
  const holder = isObject(tool) && isObject(tool.function) ? tool.function : tool;
  const parameters = isObject(holder) ? holder.parameters : undefined;
  if (!isObject(parameters) || !isObject(parameters.properties)) return undefined;
  const words = Object.keys(parameters).filter((word) => !DESCRIBES_ARGUMENTS.has(word));
  return words.length > 0 || (parameters.additionalProperties ?? false) !== false
    ? undefined
    : new Set(Object.keys(parameters.properties));
}

/** Words beside `properties` that leave its keys the only ones which a step can count on. */
const DESCRIBES_ARGUMENTS = new Set(
  'type properties required additionalProperties $schema $defs definitions title description'.split(' '),
);

/** Name of a function tool, from `function: NAME`, `function: {name}` or `name` beside its step. */
export function functionName(tool: Json): string | undefined {
  if (!isObject(tool)) return undefined;
  const { function: named, name } = tool;
  return [isObject(named) ? named.name : named, name].find((text) => typeof text === 'string');
}
