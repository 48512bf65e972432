import { isObject, type Json, type JsonObject } from 'threadline/provider';
import type { Tokens } from './wire.ts';

/** The names that an API has for the counts of its usage. */
interface UsageNames {
  prompt: string;
  completion: string;
  /** Where it says how many tokens of the prompt were in its cache. */
  details: string;
}

/** Tokens as a server tells them. Counts that it leaves out, or that are 0 throughout, are not known. */
export function tokensTold(told: Json | undefined, names: UsageNames): Tokens {
  const usage: JsonObject = isObject(told) ? told : {};
  const details = usage[names.details];
  const count = (value: Json | undefined) => (typeof value === 'number' ? value : null);
  const [prompt, completion] = [count(usage[names.prompt]), count(usage[names.completion])];
  const sum = prompt === null || completion === null ? null : prompt + completion;
  const total = count(usage.total_tokens) || sum;
  if (!prompt && !completion && !total)
    return { prompt_tokens: null, cached_tokens: 0, completion_tokens: null, total_tokens: null };
  const cached = isObject(details) ? (count(details.cached_tokens) ?? 0) : 0;
  return { prompt_tokens: prompt, cached_tokens: cached, completion_tokens: completion, total_tokens: total };
}
