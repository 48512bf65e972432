import type { Json } from '../../shared/json/json.ts';

export interface OfferedFunction {
  name: string;
  parameters: Json;
}

/** Features of a request for rules and built-in answers, the same for all APIs. */
export interface RequestFeatures {
  /** Below /v1: `/responses`. */
  path: string;
  model: string;
  instructions: string;
  /** The text of the last user message. */
  prompt: string;
  /** The function outputs of this request, joined by newlines. */
  toolOutput: string | undefined;
  /** Number of assistant messages in the conversation so far. */
  turn: number;
  /** `schema` is present only for `json_schema`. */
  format: { type: 'text' | 'json_object' } | { type: 'json_schema'; name: string; schema: Json };
  functions: OfferedFunction[];
  toolChoice: { mode: 'none' | 'auto' | 'required'; name?: string };
}

/** A request without a model has only its path as a feature, and on /models/{model} the name. */
export const featuresOfPath = (path: string, model: string): RequestFeatures => ({
  path,
  model,
  instructions: '',
  prompt: '',
  toolOutput: undefined,
  turn: 0,
  format: { type: 'text' },
  functions: [],
  toolChoice: { mode: 'auto' },
});
