import type { Complaint } from './complaint.ts';

/** Statuses of refusals. Nothing was asked of a model then. OpenRouter says 404 where no server takes the parameter. */
const REFUSING = new Set<number | undefined>([400, 404, 422]);
const REFUSING_CODES = new Set<unknown>(['unsupported_parameter', 'unsupported_value', 'unknown_parameter']);

/** Some servers repeat the whole request behind their complaint. */
const MOST_WORDS = 4000;

/** What servers and their errors call a parameter → its name in Chat Completions. */
const SPELLINGS: Record<string, string> = {
  temperature: 'temperature',
  top_p: 'top_p',
  topp: 'top_p',
  reasoning_effort: 'reasoning_effort',
  reasoningeffort: 'reasoning_effort',
  reasoning: 'reasoning_effort',
  'reasoning.effort': 'reasoning_effort',
  thinking: 'reasoning_effort',
  'think value': 'reasoning_effort',
  parallel_tool_calls: 'parallel_tool_calls',
  tool_choice: 'tool_choice',
  'tool choice': 'tool_choice',
  'toolconfig.toolchoice': 'tool_choice',
  'toolconfig.toolchoice.any': 'tool_choice',
  'toolconfig.toolchoice.tool': 'tool_choice',
  tools: 'tools',
  tool: 'tools',
  'tool use': 'tools',
  'tool calling': 'tools',
  'function calling': 'tools',
  max_tokens: 'max_tokens',
  max_completion_tokens: 'max_completion_tokens',
  max_output_tokens: 'max_output_tokens',
  stream_options: 'stream_options',
  'stream_options.include_usage': 'stream_options',
  response_format: 'response_format',
  'response_format.type': 'response_format',
  'response_format type': 'response_format',
  'response format': 'response_format',
  'text.format': 'response_format',
  'text.format.type': 'response_format',
  json_schema: 'response_format',
  json_object: 'response_format',
  'json mode': 'response_format',
  'structured output': 'response_format',
  'structured outputs': 'response_format',
  'response mime type': 'response_format',
  truncation: 'truncation',
  include: 'include',
  'encrypted content': 'include',
  background: 'background',
  'background mode': 'background',
  strict: 'strict',
};

/** Longest first, so that `tool_choice` is not read as `tool`. */
const NAME = `(?:body\\.)?(?<name>${Object.keys(SPELLINGS)
  .sort((one, other) => other.length - one.length)
  .map((name) => name.replaceAll('.', '\\.'))
  .join('|')})(?![\\w.]*\\w)`;
const OPEN = '[\'"`\\[{(: ]*';
const CLOSE = '[\'"`]?';
const NOUN = '(?:parameter|property|argument|field|option|type|mode|response|format|value)';
const IS_NOT =
  '(?:is|are)?(?: currently)? ?(?:not supported|unsupported|not permitted|not allowed|not available|unavailable|deprecated|not recogni[sz]ed|unknown)';

/** How servers word a refusal. Each sentence has the name at one place: others may name what is wanted instead. */
const SENTENCES = [
  // OpenAI, Azure, GitHub Models, Gemini; Python servers say `unexpected keyword argument`.
  `(?:unsupported|unknown|unrecognized|unexpected) (?:parameter|value|(?:request |keyword )?argument|field|key|name)s?(?: supplied)?${OPEN}${NAME}`,
  // Azure AI: Extra parameters ['x'] are not allowed. Older OpenAI, Cerebras: additional properties.
  `(?:extra|additional) (?:parameter|field|propertie)s?(?: are not allowed)?${OPEN}${NAME}`,
  // Groq, OpenAI, Bedrock: `x` is not supported with this model; `x` of type `y` is not supported.
  `['"\`]${NAME}${CLOSE}(?: of type ['"\`]?\\w+['"\`]?)?(?: ${NOUN})? ${IS_NOT}`,
  `(?:^|[:.;] |\\b(?:parameter|property|argument|field|option|this|with)${OPEN})${NAME}${CLOSE}(?: ${NOUN}){0,2} ${IS_NOT}`,
  // LiteLLM, xAI, Ollama, Bedrock: does not support x, do not support parameters: {'x': …}.
  `(?:not|n't|n’t) support (?:the |this )?(?:parameters?)?${OPEN}${NAME}`,
  // Qwen: The x parameter does not support being set to …
  `${NAME}${CLOSE} ${NOUN} does not support being set to`,
  // xAI: Argument not supported on this model: x.
  `not supported(?: \\w+){0,4}: ?${OPEN}${NAME}`,
  // OpenRouter: No endpoints found that support …
  `no endpoints found that support (?:the provided )?${OPEN}${NAME}`,
  // vLLM, Mistral, Azure AI: pydantic's list of mistakes, as JSON or as Python writes it. Fireworks, Anthropic: in words.
  `extra_forbidden['"], ?['"]loc['"]: ?[\\[(] ?['"]body['"], ?(?:['"]\\w+['"], ?|\\d+, ?)*['"]${NAME}`,
  `(?:^|[\\s:"'])(?:\\w+\\.)*${NAME}: extra inputs are not permitted`,
  `extra inputs are not permitted, field${OPEN}${NAME}`,
  `\\n${NAME}\\s+extra inputs are not permitted`,
  // Groq, LM Studio, Azure, Anthropic: a value that is not one of theirs.
  `${OPEN}${NAME}${CLOSE} ?:? (?:value is not one of|must be one of|must be ['"\`]|may only be set to)`,
  `${NAME} value as \\w+ is enabled only`,
  `invalid ${NAME} type`,
  // Groq, Gemini: a format beside functions.
  `${NAME} cannot be combined with`,
  `with an? ${NAME}: ['"\`][\\w/]+['"\`] is unsupported`,
  // Ollama: think value "medium" is not supported for this model.
  `${NAME} ['"\`]\\w+['"\`] is not supported`,
  `(?:^|[:.] )${NAME} (?:mode )?is not enabled`,
].map((sentence) => new RegExp(sentence, 'i'));

/**
 * The parameter that a server refuses, by its name in Chat Completions; undefined for other complaints. It is told by code and
 * param, or by the server's sentence: most servers send neither.
 */
export function refusedParameter({ status, code, param, words }: Complaint): string | undefined {
  if (status !== undefined && !REFUSING.has(status)) return undefined;
  if (REFUSING_CODES.has(code) && param !== undefined) return SPELLINGS[param.toLowerCase()] ?? param;
  for (const sentence of SENTENCES) {
    const name = sentence.exec(words.slice(0, MOST_WORDS))?.groups?.name;
    if (name !== undefined) return SPELLINGS[name.toLowerCase()];
  }
  return undefined;
}

/** Whether the model takes functions only where it does not think: then leaving the parameter out does not help. */
export const wantsNoThinking = ({ words }: Complaint): boolean => /reasoning_effort to '?none/i.test(words);
