import { type JsonObject, parseJson, toJson } from 'threadline/provider';

export type ReadArguments = { ok: true; value: JsonObject } | { ok: false; error: string };

/** Reads the arguments of a call, which the model wrote as JSON text. */
export function readArguments(text: string): ReadArguments {
  try {
    const value = parseJson(text.trim() === '' ? '{}' : text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { ok: true, value: toJson(value) as JsonObject };
    return { ok: false, error: 'it is something else' };
  } catch (error) {
    return { ok: false, error: (error as Error).message };
  }
}
