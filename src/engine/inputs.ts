import type { InputPlan, InputType } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json, type JsonObject, toJson } from '../shared/json/json.ts';
import { isNumber } from '../shared/json/number.ts';
import { parseJson } from '../shared/json/parse-json.ts';
import { didYouMean } from '../shared/text/suggest.ts';

/**
 * Fills in defaults and checks types, however the run starts. Text from a command line becomes the number, boolean, list
 * or map that the input declares. Throws `invalid_input` with all problems.
 */
export function resolveInputs(declared: readonly InputPlan[], given: JsonObject): JsonObject {
  const names = declared.map((input) => input.name);
  const problems: string[] = [];
  for (const name of Object.keys(given)) {
    if (!names.includes(name))
      problems.push([`The workflow has no input \`${name}\`.`, didYouMean(name, names)].filter(Boolean).join(' '));
  }
  const values: JsonObject = Object.create(null);
  for (const input of declared) {
    const resolved = resolveInput(input, Object.hasOwn(given, input.name) ? given[input.name] : undefined);
    if (resolved.problem !== undefined) problems.push(`Input \`${input.name}\` ${resolved.problem}.`);
    else values[input.name] = resolved.value;
  }
  if (problems.length > 0)
    throw new ThreadlineError('invalid_input', problems.join(' '), { hint: 'Give inputs as `-i name=value`.' });
  return values;
}

type Converted = { value: Json; problem?: undefined } | { problem: string };

const TYPE_NAMES: Record<InputType, string> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  choice: 'one of its options',
  list: 'a list',
  object: 'a map',
};

function resolveInput(input: InputPlan, given: Json | undefined): Converted {
  if (given !== undefined || input.default !== undefined) return convert(input, given ?? input.default ?? null);
  if (!input.required) return { value: null };
  return { problem: `is required${input.description ? ` (${input.description})` : ''}` };
}

function convert(input: InputPlan, value: Json): Converted {
  if (input.type === 'choice') return chooseFrom(input.options ?? [], value);
  if (input.type === 'string') return typeof value === 'object' ? wrong(input.type, value) : { value: String(value) };
  const data = typeof value === 'string' ? parse(value) : value;
  return fits(input.type, data) ? { value: data } : wrong(input.type, value);
}

function chooseFrom(options: Json[], value: Json): Converted {
  const chosen = options.find((option) => option === value || String(option) === String(value));
  if (chosen !== undefined) return { value: chosen };
  const hint = didYouMean(String(value), options.map(String)) ?? '';
  return {
    problem: `must be one of ${options.map((option) => JSON.stringify(option)).join(', ')}, not ${show(value)}${hint && `. ${hint.replace(/\?$/, '')}`}`,
  };
}

function fits(type: InputType, value: Json): boolean {
  if (type === 'list') return Array.isArray(value);
  if (type === 'number') return isNumber(value);
  return type === 'object' ? isObject(value) : typeof value === type;
}

function parse(text: string): Json {
  try {
    return toJson(parseJson(text));
  } catch {
    // Not JSON: stays text, so that the type check can quote it.
    return text;
  }
}

const wrong = (type: InputType, value: Json): Converted => ({ problem: `must be ${TYPE_NAMES[type]}, not ${show(value)}` });

const show = (value: Json) => {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};
