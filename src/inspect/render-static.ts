import type { Scope } from '../plan/plan.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { compileTemplate } from '../values/index.ts';

/** The data with each text computed that the scope has the values for; the other texts stay templates. */
export function renderStatic(data: Json, scope: Scope): Json {
  if (Array.isArray(data)) return data.map((item) => renderStatic(item, scope));
  if (isObject(data)) {
    const entries = Object.entries(data).map(([key, item]): [string, Json] => [key, renderStatic(item, scope)]);
    return Object.fromEntries(entries) satisfies JsonObject;
  }
  if (typeof data !== 'string' || !data.includes('{{')) return data;
  const compiled = compileTemplate(data, { stepNames: [] });
  try {
    return compiled.problems.length > 0 ? data : compiled.evaluate(scope);
  } catch {
    // The value reads data that only a run has.
    return data;
  }
}
