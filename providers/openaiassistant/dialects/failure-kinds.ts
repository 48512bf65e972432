import type { ErrorCode } from 'threadline/provider';
import type { Complaint } from './complaint.ts';

/** A kind of failure that servers tell in codes and words of their own. */
export interface FailureKind {
  name: 'quota' | 'too_large' | 'day_limit' | 'filtered' | 'too_long';
  code: ErrorCode;
  hint: string;
  /** Whether nothing but time or money helps, so that not even a server's wish makes it worth repeating. */
  isLasting: boolean;
  isMeant(complaint: Complaint): boolean;
}

const OUT_OF_QUOTA = new Set<unknown>([
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_usage_limit_exceeded',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
]);
/** Anthropic, and what is behind gateways; Gemini gives some models none at all. */
const OUT_OF_QUOTA_WORDS = /credit balance is too low|insufficient (?:balance|credits)/i;
const NO_QUOTA_WORDS = /quota exceeded for metric: \S+, limit: 0\b/i;
const TOO_LARGE = new Set<unknown>(['request_too_large', 'tokens_limit_reached']);
const TOO_LARGE_WORDS = /request (body )?too large|must be reduced/i;
const OF_A_DAY = /\bper[ -]?day\b|perday|byday|\b[rt]pd\b|\bdaily\b|\b86400 ?s/i;
const FILTERED = new Set<unknown>(['content_filter', 'content_policy_violation', 'ResponsibleAIPolicyViolation']);
/** Azure, LiteLLM; OpenRouter; OpenAI. */
const FILTERED_WORDS =
  /content management policy|ContentPolicyViolation|ResponsibleAIPolicyViolation|requires moderation and your input was flagged|prompt was flagged as/;
const TOO_LONG_WORDS =
  /context[ _](length|window|size|limit)|maximum context|too many tokens|(prompt|input) is too long|maximum number of (input )?tokens|max size: [\d,]+ tokens/i;

/** In the order in which they are asked: servers call several of them `rate_limit_exceeded`. */
const KINDS: readonly FailureKind[] = [
  {
    name: 'quota',
    code: 'quota_exceeded',
    hint: 'Check billing and limits of the account; waiting does not help.',
    isLasting: true,
    isMeant: (said) =>
      said.status === 402 ||
      OUT_OF_QUOTA.has(said.code) ||
      said.type === 'insufficient_quota' ||
      ((said.status ?? 400) < 500 && OUT_OF_QUOTA_WORDS.test(said.words)) ||
      (mayBeOfRates(said) && NO_QUOTA_WORDS.test(said.words)),
  },
  {
    name: 'too_large',
    code: 'bad_request',
    hint: 'Asking again does not help: send less at once (`max_prompt_tokens`, `truncation_strategy`, shorter outputs of functions), lower `max_completion_tokens`, or have the limit of the account raised.',
    isLasting: true,
    isMeant: (said) =>
      said.status === 413 || TOO_LARGE.has(said.code) || (mayBeOfRates(said) && TOO_LARGE_WORDS.test(said.words)),
  },
  {
    name: 'day_limit',
    code: 'quota_exceeded',
    hint: 'The limit of a day is used up: waiting some minutes does not help. Another model (`fallback`) has a limit of its own; the limit of the account may be raised.',
    isLasting: true,
    isMeant: (said) => mayBeOfRates(said) && OF_A_DAY.test(said.words),
  },
  {
    name: 'filtered',
    code: 'refused',
    hint: "The server's rules for contents held the prompt back: look at what the alert says, or have the filter of the deployment changed.",
    isLasting: false,
    isMeant: ({ status = 400, code, words }) => FILTERED.has(code) || (status < 500 && FILTERED_WORDS.test(words)),
  },
  {
    name: 'too_long',
    code: 'bad_request',
    hint: 'The thread is longer than the model can read: begin a new one.',
    isLasting: false,
    isMeant: ({ status = 400, code, words }) =>
      code === 'context_length_exceeded' || (status === 400 && TOO_LONG_WORDS.test(words)),
  },
];

/** Undefined for failures of no known kind. */
export const failureKind = (complaint: Complaint): FailureKind | undefined => KINDS.find(({ isMeant }) => isMeant(complaint));

/** Groq's codes; gateways repeat them in their sentences. */
const FAILED_GENERATION = /\b(tool_use_failed|json_validate_failed|output_parse_failed)\b/;

/** Whether the model wrote something that its server could not read: it writes something else when it is asked again. */
export const isFailedGeneration = ({ code, words }: Complaint): boolean => FAILED_GENERATION.test(`${code ?? ''} ${words}`);

const mayBeOfRates = ({ status, code }: Complaint): boolean =>
  status === 429 || /^429$|rate_?limit|resource_exhausted/i.test(String(code ?? ''));
