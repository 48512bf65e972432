import type { TriggerEvent } from '../plan/trigger-plan.ts';
import { type DataPath, isObject, type Json, type JsonObject, toText } from '../shared/json/json.ts';
import { Closed, Type } from '../shared/schema/schema.ts';
import { areEqual } from '../values/index.ts';
import { patternIn, unmarkedPattern } from './pattern.ts';
import { fieldOf, type Requirement, shown } from './requirement.ts';
import type { TriggerCompiler } from './trigger.ts';

/** Text behind this is not searched: an alert may be of any size, and a pattern may take long. */
const LONGEST_TEXT = 64 * 1024;

export const FilterSchema = Closed({
  key: Type.String({ minLength: 1, description: 'A field of the alert: `severity`, `labels.team`.' }),
  value: Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
    description: 'The value that the field must have; a list must contain it. A pattern is written as `r"…"`.',
  }),
  exclude: Type.Optional(Type.Boolean({ description: 'The field must not have the value.' })),
});

type Test = (value: Json | undefined) => boolean;

/** `{key: source, value: r"(grafana|prometheus)", exclude: true}`. */
export function filterOn(filter: JsonObject, path: DataPath, compiler: TriggerCompiler): Requirement[] {
  const { key, value } = filter;
  if (typeof key !== 'string' || value === undefined || value === null || typeof value === 'object') return [];
  const pattern = typeof value === 'string' ? patternIn(value) : undefined;
  const excludes = filter.exclude === true;
  const place = compiler.place(path);
  if (pattern === undefined) {
    const warning = typeof value === 'string' ? unmarkedPattern(value) : undefined;
    if (warning) compiler.problem([...path, 'value'], { ...warning, severity: 'warning' });
    const text = `${key} ${excludes ? '!=' : '=='} ${JSON.stringify(value)}`;
    return [requirement(key, text, place, excludes, (actual) => isSame(actual, value))];
  }
  if (!(pattern instanceof RegExp)) {
    compiler.problem([...path, 'value'], pattern);
    return [];
  }
  const text = excludes ? `!${key}.matches(${value})` : `${key}.matches(${value})`;
  return [requirement(key, text, place, excludes, (actual) => isFound(pattern, actual))];
}

function requirement(key: string, text: string, place: string, excludes: boolean, test: Test): Requirement {
  const holds = ({ alert = {} }: TriggerEvent) => test(actualOf(alert, key)) !== excludes;
  return {
    holds,
    explain: (event) => [{ text, holds: holds(event), why: `${key} is ${shown(actualOf(event.alert ?? {}, key))}`, place }],
  };
}

/** The prefix `alert.` is optional, as in `cel`. */
function actualOf(alert: JsonObject, key: string): Json | undefined {
  const value = fieldOf(alert, key);
  return value === undefined && key.startsWith('alert.') ? fieldOf(alert, key.slice('alert.'.length)) : value;
}

/** Compares values as text, because unquoted YAML turns `true` into a boolean. */
function isSame(actual: Json | undefined, wanted: Json): boolean {
  if (actual === undefined || actual === null) return false;
  if (Array.isArray(actual)) return actual.some((item) => isSame(item, wanted));
  if (typeof actual === 'boolean') return toText(wanted).toLowerCase() === String(actual);
  return !isObject(actual) && areEqual(actual, typeof wanted === 'boolean' ? String(wanted) : wanted);
}

function isFound(pattern: RegExp, actual: Json | undefined): boolean {
  if (actual === undefined || actual === null) return false;
  if (Array.isArray(actual)) return actual.some((item) => isFound(pattern, item));
  return pattern.test(toText(actual).slice(0, LONGEST_TEXT));
}
