import {
  Closed,
  Duration,
  isObject,
  type Json,
  type JsonObject,
  OneOf,
  type ParamsProblem,
  type TSchema,
  Type,
} from 'threadline/provider';
import { ResponseFormat } from './format-schema.ts';

/** A parameter that other providers and APIs call something else. */
interface OtherName {
  /** Leads to our parameter, or into `extra`. */
  to: readonly [string] | readonly ['extra', string];
  /** The value as ours has it; undefined where it says nothing. */
  read?(given: Json): Json | undefined;
}

const OTHER_NAMES: Readonly<Record<string, OtherName>> = {
  max_wait_time: { to: ['timeout'] },
  conversation_id: { to: ['thread_id'] },
  assistant_id: { to: ['assistant'] },
  system_prompt: { to: ['instructions'] },
  max_tokens: { to: ['max_completion_tokens'] },
  max_output_tokens: { to: ['max_completion_tokens'] },
  structured_output_format: { to: ['response_format'] },
  text: { to: ['response_format'], read: (given) => (isObject(given) ? flatFormat(given.format) : given) },
  reasoning: { to: ['reasoning_effort'], read: (given) => (isObject(given) ? given.effort : given) },
  truncation: { to: ['truncation_strategy'], read: (given) => (given === 'disabled' ? 'none' : given) },
  include: { to: ['extra', 'include'] },
  user: { to: ['extra', 'user'] },
  service_tier: { to: ['extra', 'service_tier'] },
  max_tool_calls: { to: ['extra', 'max_tool_calls'] },
};

/** The format of the Responses API, which has the schema beside its type. */
function flatFormat(format: Json | undefined): Json | undefined {
  if (!isObject(format) || format.type !== 'json_schema' || isObject(format.json_schema)) return format;
  const { type: _, ...schema } = format;
  return schema;
}

const other = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);
const described = (name: string) => {
  const [first, second] = OTHER_NAMES[name]?.to ?? [name];
  return { deprecated: true, description: `Another name for \`${second === undefined ? first : `extra: { ${second} }`}\`.` };
};

/** The schemas of these names. */
export const otherKeys = {
  max_wait_time: other(Duration("Keep's name for `timeout`.")),
  conversation_id: other(Type.String({ minLength: 1, ...described('conversation_id') })),
  assistant_id: other(Type.String({ pattern: '^asst_', ...described('assistant_id') })),
  system_prompt: other(Type.String({ minLength: 1, ...described('system_prompt') })),
  max_tokens: other(Type.Integer({ minimum: 1, ...described('max_tokens') })),
  max_output_tokens: other(Type.Integer({ minimum: 1, ...described('max_output_tokens') })),
  structured_output_format: other(Type.Unsafe({ ...ResponseFormat, ...described('structured_output_format') })),
  text: other(
    Closed(
      { format: Type.Optional(Type.Object({}, { description: 'The form of the answer.' })) },
      { ...described('text'), 'x-threadline-hints': { verbosity: 'Write `extra: { text: { verbosity: … } }`.' } },
    ),
  ),
  reasoning: other(
    Closed(
      { effort: Type.Optional(Type.String({ description: 'How long the model thinks.' })) },
      {
        ...described('reasoning'),
        'x-threadline-hints': { summary: 'Write `reasoning_effort`, and `extra: { reasoning: { summary: … } }`.' },
      },
    ),
  ),
  truncation: other(OneOf(['auto', 'disabled'], described('truncation'))),
  include: other(Type.Array(Type.String(), described('include'))),
  user: other(Type.String(described('user'))),
  service_tier: other(Type.String(described('service_tier'))),
  max_tool_calls: other(Type.Integer({ minimum: 1, ...described('max_tool_calls') })),
};

const PASSED_ON = [
  'frequency_penalty',
  'logit_bias',
  'presence_penalty',
  'prompt_cache_key',
  'safety_identifier',
  'seed',
  'stop',
  'verbosity',
];
const SAVED_PROMPT =
  'Saved prompts end on 2026-11-30: write their text as `prompt` and `instructions`, or into a file that `assistant` names.';

/** Names that mean something else here, with what to write instead. */
export const FOREIGN_NAMES: Readonly<Record<string, string>> = {
  previous_response_id:
    'A thread goes on by `thread_id: "{{ steps.NAME.results.thread_id }}"`, or by `thread: { key: … }`; the id of an answer is none.',
  prompt_id: SAVED_PROMPT,
  prompt_version: SAVED_PROMPT,
  prompt_variables: SAVED_PROMPT,
  input: 'Write `prompt`.',
  message: 'Write `prompt`.',
  format: 'Write `response_format`.',
  tool_resources: 'Write `vector_store_ids` beside `tools`.',
  functions: 'Write `tools`.',
  ...Object.fromEntries(PASSED_ON.map((name) => [name, `Write \`extra: { ${name}: … }\`.`])),
};

const given = (params: JsonObject): [string, OtherName][] =>
  Object.entries(OTHER_NAMES).filter(([name]) => params[name] !== undefined);

/** The parameters by our own names. */
export function withOwnNames(params: JsonObject): JsonObject {
  const named = given(params);
  if (named.length === 0) return params;
  const own: JsonObject = { ...params };
  for (const [name, { to, read }] of named) {
    const written = params[name] ?? null;
    const value = read ? read(written) : written;
    delete own[name];
    const [first, second] = to;
    if (value === undefined) continue;
    if (second === undefined) own[first] = value;
    else own.extra = { ...(isObject(own.extra) ? own.extra : {}), [second]: value };
  }
  return own;
}

/** Says what each of these names is here; two names for one parameter are a mistake. */
export function checkOtherNames(params: JsonObject): ParamsProblem[] {
  const seen = new Map<string, string>();
  return given(params).map(([name, { to }]): ParamsProblem => {
    const own = to.join('.');
    const isGiven = to.length === 1 ? params[own] !== undefined : isObject(params.extra) && params.extra[to[1]] !== undefined;
    const twin = isGiven ? own : seen.get(own);
    seen.set(own, name);
    const place = { path: [name], part: 'key' as const };
    if (twin !== undefined) return { ...place, message: `\`${twin}\` and \`${name}\` mean the same`, hint: 'Keep one.' };
    return { ...place, message: `\`${name}\` is \`${own}\` here`, severity: 'note' };
  });
}

/** Moves a problem of a parameter to the name that the workflow has for it. */
export function atWrittenName(problem: ParamsProblem, params: JsonObject): ParamsProblem {
  const {
    file,
    path: [first, ...rest],
  } = problem;
  if (file !== undefined || typeof first !== 'string' || params[first] !== undefined) return problem;
  const written = given(params).find(([, { to }]) => to[0] === first);
  return written ? { ...problem, path: written[1].read ? [written[0]] : [written[0], ...rest] } : problem;
}
