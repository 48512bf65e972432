import { ThreadlineError } from 'threadline/provider';
import { type Complaint, complaintOf } from '../dialects/complaint.ts';
import { brokenMessageRule } from '../dialects/refused-messages.ts';
import { refusedParameter, wantsNoThinking } from '../dialects/refused-parameter.ts';
import type { Capabilities, Server } from '../dialects/server.ts';
import { withFormatInWords } from './adapt.ts';
import type { Ask } from './ask.ts';

/** A question and the server that has just refused it; a remedy changes both, for the requests that follow. */
export interface Refused {
  ask: Ask;
  server: Server;
  /** What was mended so far: a remedy that did not help is not tried again. */
  mended: Set<string>;
  /** Whether wishes of the author's may be left out. */
  isLenient: boolean;
  /** Whether we have asked for it, not the author. */
  isOurs?(parameter: string): boolean;
}

/** A remedy that was applied. */
export interface Mended {
  /** What is done now, as people read it. */
  message: string;
  /** Whether a wish of the author's is left out. */
  isLoss: boolean;
  /** What the configuration could say of the server, to save the request that was refused. */
  learned: Partial<Capabilities>;
}

interface Remedy {
  /** Whether the request had the parameter from the ask, not from `extra`. */
  isAsked(ask: Ask, can: Capabilities): boolean;
  /** Changes the ask, or what is known of the server; returns what is done instead. */
  apply(ask: Ask, server: Server): string;
  /** Whether the same is still asked for, in another way. Where not, only the author may allow it. */
  isLossless: boolean;
}

const lacking = (capability: keyof Capabilities, instead: string, isAsked: Remedy['isAsked'] = () => true): Remedy => ({
  isLossless: true,
  isAsked: (ask, can) => can[capability] && isAsked(ask, can),
  apply: (_, { can }) => {
    can[capability] = false;
    return instead;
  },
});

type Wish = 'temperature' | 'topP' | 'reasoningEffort' | 'parallelToolCalls' | 'toolChoice';

const leftOut = (field: Wish): Remedy => ({
  isLossless: false,
  isAsked: (ask) => ask[field] !== undefined,
  apply: (ask) => {
    ask[field] = undefined;
    return 'it is left out';
  },
});

/** What to do where a parameter is refused, by its name in Chat Completions. */
const REMEDIES: Record<string, Remedy> = {
  temperature: leftOut('temperature'),
  top_p: leftOut('topP'),
  reasoning_effort: leftOut('reasoningEffort'),
  parallel_tool_calls: leftOut('parallelToolCalls'),
  tool_choice: leftOut('toolChoice'),
  named_tool_choice: lacking('named_tool_choice', 'that function is offered alone, and `required`'),
  max_tokens: {
    isLossless: true,
    isAsked: (_, can) => !can.max_completion_tokens,
    apply: (_, { can }) => {
      can.max_completion_tokens = true;
      return 'it is asked with `max_completion_tokens`';
    },
  },
  max_completion_tokens: lacking('max_completion_tokens', 'it is asked with `max_tokens`'),
  stream_options: lacking('stream_usage', 'it is left out, and the tokens of streamed answers may stay unknown'),
  include: lacking('sealed_thoughts', 'it is left out', ({ store }) => !store),
  truncation: lacking('truncation', 'the thread is shortened here', ({ truncation }) => truncation.type === 'auto'),
  strict: {
    isLossless: true,
    isAsked: ({ tools }) => tools.some((tool) => tool.type === 'function' && tool.strict),
    apply: (ask) => {
      ask.tools = ask.tools.map((tool) => (tool.type === 'function' ? { ...tool, strict: false } : tool));
      return 'it is left out, and arguments are checked here';
    },
  },
  background: {
    isLossless: false,
    isAsked: ({ background }) => background,
    apply: (ask) => {
      ask.background = false;
      return 'it is left out';
    },
  },
  response_format: {
    isLossless: true,
    isAsked: ({ format }) => format.type !== 'text',
    apply: (ask, server) => {
      if (ask.format.type !== 'text') server.can[ask.format.type] = false;
      Object.assign(ask, withFormatInWords({ ask, items: [] }, server).ask);
      return 'the model is told of the format in words, and the answer is checked here';
    },
  },
  any_call_ids: lacking('any_call_ids', 'ids have nine letters and digits'),
  user_after_outputs: lacking('user_after_outputs', 'roles alternate'),
  own_fields: lacking('own_fields', 'what its messages carry of its own is not given back'),
  undeclared_calls: lacking('undeclared_calls', 'functions that were called before are declared, and may not be called'),
};

/** Some models take functions over Chat Completions only where they do not think. */
const thinkingIsOff: Remedy = {
  isLossless: false,
  isAsked: ({ reasoningEffort }) => reasoningEffort !== 'none',
  apply: (ask) => {
    ask.reasoningEffort = 'none';
    return 'it is `none`';
  },
};

/**
 * Changes a question that a server has refused, so that it can be asked again: a refused request has cost nothing. Undefined
 * where the failure is another one, where no remedy is known, or where a wish would be lost that may not be.
 */
export function mend(thrown: unknown, { ask, server, mended, isLenient, isOurs }: Refused): Mended | undefined {
  if (!(thrown instanceof ThreadlineError)) return undefined;
  const complaint = complaintOf(thrown);
  const name = refusedIn(complaint, ask, server);
  const remedy = name === undefined ? undefined : remedyFor(name, complaint);
  if (name === undefined || remedy === undefined) return undefined;
  const key = keyOf(name, ask);
  if (mended.has(key) || !remedy.isAsked(ask, server.can)) return undefined;
  const isLoss = !remedy.isLossless && isOurs?.(name) !== true;
  if (isLoss && !isLenient) return undefined;
  mended.add(key);
  const before = Object.entries(server.can);
  const instead = remedy.apply(ask, server);
  const after = server.can;
  const learned = before.flatMap(([key, value]) => {
    const now = after[key as keyof Capabilities];
    return now === value ? [] : [[key, now]];
  });
  const subject = isLoss ? `The model ${ask.model ?? ''}`.trimEnd() : server.host;
  return { message: `${subject} does not take \`${name}\`: ${instead}.`, isLoss, learned: Object.fromEntries(learned) };
}

/** Both names of the limit are one thing, and each form of an answer is one of its own. */
function keyOf(name: string, { format }: Ask): string {
  if (name === 'max_completion_tokens') return 'max_tokens';
  return name === 'response_format' ? `${name} ${format.type}` : name;
}

function refusedIn(complaint: Complaint, { background, toolChoice }: Ask, { can }: Server): string | undefined {
  const { status, words } = complaint;
  if (status !== undefined && status >= 500) return undefined;
  const refused = brokenMessageRule(words) ?? refusedParameter(complaint);
  if (refused === 'tool_choice' && typeof toolChoice === 'object' && can.named_tool_choice) return 'named_tool_choice';
  // Servers word it in many ways, and nothing else of a request has that name.
  return refused ?? (background && status === 400 && /background/i.test(words) ? 'background' : undefined);
}

const remedyFor = (name: string, complaint: Complaint): Remedy | undefined =>
  name === 'reasoning_effort' && wantsNoThinking(complaint) ? thinkingIsOff : REMEDIES[name];
