import { type Json, type JsonObject, toJson, toText } from '../../shared/json/json.ts';
import { ApiError } from '../base/api-error.ts';
import { countTokens } from '../base/tokens.ts';
import type { RequestFeatures } from './request-features.ts';
import type { RequestRules } from './request-rules.ts';
import { hasAnswer, type Rule, type Sources } from './rules.ts';
import { sampleOf } from './sample.ts';

/** `arguments` is text as from a model, normally JSON. */
export interface ToolCall {
  name: string;
  arguments: string;
}

export type AnswerContent =
  | { kind: 'text'; text: string; sources?: Sources }
  | { kind: 'tool_calls'; calls: ToolCall[] }
  | { kind: 'refusal'; refusal: string }
  | { kind: 'incomplete'; reason: 'max_output_tokens' | 'content_filter'; text: string }
  | { kind: 'failed'; code: string; message: string }
  | { kind: 'error'; error: ApiError };

export type AnswerWithoutError = Exclude<AnswerContent, { kind: 'error' }>;

export function tokensOf(answer: AnswerWithoutError): number {
  if (answer.kind === 'failed') return 0;
  if (answer.kind === 'refusal') return countTokens(answer.refusal);
  if (answer.kind !== 'tool_calls') return countTokens(answer.text);
  return answer.calls.reduce((sum, call) => sum + countTokens(call.name + call.arguments), 0);
}

export interface Pacing {
  latencyMs: number;
  chunkLatencyMs: number;
  /** For streams: number of events after which the socket is destroyed. */
  cutAfter: number | undefined;
}

/** The emulated model's answer, before it is formatted for an API. */
export interface Answer {
  content: AnswerContent;
  pacing: Pacing;
  /** For runs of the Assistants API: the run expires before this text or, for calls, before their outputs. */
  expires: boolean;
}

export function decide(features: RequestFeatures, rules: RequestRules, latencyMs: number): Answer {
  const rule = rules.take(features);
  const content = hasAnswer(rule) ? contentOfRule(rule) : builtInAnswer(features);
  return { content, pacing: pacingOf(rule, latencyMs), expires: rule.expired === true };
}

export const pacingOf = (rule: Rule, latencyMs: number): Pacing => ({
  latencyMs: rule.latency_ms ?? latencyMs,
  chunkLatencyMs: rule.chunk_latency_ms ?? 0,
  cutAfter: rule.cut_after,
});

function contentOfRule(rule: Rule): AnswerContent {
  if (rule.error) return { kind: 'error', error: errorOfRule(rule.error) };
  if (rule.failed) return { kind: 'failed', ...rule.failed };
  if (rule.incomplete) return { kind: 'incomplete', reason: rule.incomplete, text: rule.text ?? '' };
  if (rule.refusal !== undefined) return { kind: 'refusal', refusal: rule.refusal };
  if (rule.tool_calls) {
    const calls = rule.tool_calls.map((call) => ({ name: call.name, arguments: toText(toJson(call.arguments ?? {})) }));
    return { kind: 'tool_calls', calls };
  }
  return { kind: 'text', text: rule.text ?? (rule.expired ? '' : JSON.stringify(toJson(rule.json))), sources: rule };
}

export function errorOfRule({ status, message, code, type, param, headers = {} }: NonNullable<Rule['error']>): ApiError {
  const texts = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return new ApiError(status, message ?? `The emulator was told to answer with ${status}.`, {
    code: code ?? null,
    param: param ?? null,
    headers: Object.fromEntries(texts),
    ...(type === undefined ? {} : { type }),
  });
}

/** The minimal valid answer without a rule. Repeats no text of the request. */
function builtInAnswer(features: RequestFeatures): AnswerContent {
  const call = requiredCall(features);
  if (call) return { kind: 'tool_calls', calls: [call] };
  const { format } = features;
  if (format.type === 'json_schema') return { kind: 'text', text: JSON.stringify(sampleOf(format.schema)) };
  if (format.type === 'json_object') return { kind: 'text', text: JSON.stringify(OFFLINE) };
  return { kind: 'text', text: `Offline emulator: no rule for this prompt of ${features.prompt.length} characters.` };
}

const OFFLINE: JsonObject = { offline: true };

function requiredCall({ functions, toolChoice }: RequestFeatures): ToolCall | undefined {
  if (toolChoice.mode !== 'required') return undefined;
  const chosen = functions.find(({ name }) => toolChoice.name === undefined || name === toolChoice.name);
  const parameters: Json = chosen?.parameters ?? {};
  return chosen && { name: chosen.name, arguments: JSON.stringify(sampleOf(parameters, 'object')) };
}
