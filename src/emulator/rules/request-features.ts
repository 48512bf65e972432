import type { Json } from '../../shared/json/json.ts';

export interface OfferedFunction {
  name: string;
  parameters: Json;
}

/** What rules and the built-in answers can see of a request, whatever API it came through. */
export interface RequestFeatures {
  /** Below /v1: `/responses`. */
  path: string;
  model: string;
  instructions: string;
  /** The text of the last user message. */
  prompt: string;
  /** The function outputs that this request hands in, joined by newlines. */
  toolOutput: string | undefined;
  /** How many assistant messages the conversation has already. */
  turn: number;
  /** `schema` is there only for `json_schema`. */
  format: { type: 'text' | 'json_object' } | { type: 'json_schema'; name: string; schema: Json };
  functions: OfferedFunction[];
  toolChoice: { mode: 'none' | 'auto' | 'required'; name?: string };
}

/** Of a request that no model answers, only the path says something, and on /models/{model} the name. */
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
