import { ThreadlineError } from 'threadline/provider';
import type { Capabilities, Server } from '../contract/servers.ts';
import type { Ask } from '../wires/wire.ts';
import type { WireName } from '../wires/wire-name.ts';
import { type Item, isMessage, type MessageItem, type Part } from './items.ts';

/** What a step may ask for and not every wire or server has; named as the field that asks for it. */
export const FEATURES = [
  'file_search',
  'code_interpreter',
  'web_search',
  'attachments.file_id',
  'images.file_id',
  'images.url',
  'background',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning_effort',
  'messages.system',
  'store',
] as const;
export type Feature = (typeof FEATURES)[number];

/** What a wire has no words for, and what to do instead. */
const WIRE_CANNOT: Record<WireName, Partial<Record<Feature, string>>> = {
  responses: {},
  chat: {
    file_search: 'Chat Completions has functions only: use `wire: responses`, or a function that searches.',
    code_interpreter: 'Chat Completions has functions only: use `wire: responses`, or a function that computes.',
    web_search: 'Chat Completions has functions only: use `wire: responses`, or a function that searches.',
    'images.file_id': 'Give the image by `path` or `url`.',
    background: 'Chat Completions answers in the foreground only.',
  },
  assistants: {
    web_search: 'The Assistants protocol has no web search: use `wire: responses`.',
    background: 'Runs of the Assistants protocol are in the background anyway.',
    'messages.system': 'Put it into `instructions`.',
    store: 'The Assistants protocol keeps every thread.',
  },
};

/** What a server must be able to do for it. */
const NEEDS: Partial<Record<Feature, keyof Capabilities>> = {
  file_search: 'file_search',
  code_interpreter: 'code_interpreter',
  web_search: 'web_search',
  'attachments.file_id': 'files',
  'images.file_id': 'files',
  'images.url': 'image_urls',
  background: 'background',
  tool_choice: 'tool_choice',
  parallel_tool_calls: 'parallel_tool_calls',
  reasoning_effort: 'reasoning_effort',
};

/** What to do instead, where the wire cannot; undefined where it can. */
export const wireCannot = (wire: WireName, feature: Feature): string | undefined => WIRE_CANNOT[wire][feature];

const serverCannot = ({ name, can }: Server, feature: Feature): string | undefined => {
  const capability = NEEDS[feature];
  if (capability === undefined || can[capability]) return undefined;
  return `As far as is known, ${name} cannot do it; \`capabilities: { ${capability}: true }\` of the configuration says that this one can.`;
};

export interface Question {
  ask: Ask;
  items: Item[];
}

export interface AdaptOptions {
  server: Server;
  wire: WireName;
  /** Leave out what cannot be done, and say so; otherwise refuse. */
  isLenient: boolean;
  warn(message: string): void;
}

/** All that the question asks for and this wire or this server cannot do, with what to do instead. */
export const cannotDo = (question: Question, server: Server, wire: WireName): { feature: Feature; hint: string }[] =>
  FEATURES.filter((feature) => uses(question, feature)).flatMap((feature) => {
    const hint = wireCannot(wire, feature) ?? serverCannot(server, feature);
    return hint === undefined ? [] : [{ feature, hint }];
  });

/**
 * The question as this wire and this server can take it.
 *
 * @throws ThreadlineError `unsupported`, with the field and the wire, before anything is paid.
 */
export function adapt(question: Question, options: AdaptOptions): Question {
  const { server, wire, isLenient, warn } = options;
  let adapted = inWords(question, server);
  for (const { feature, hint } of cannotDo(adapted, server, wire)) {
    const message = `\`${feature}\` cannot be done over the wire \`${wire}\` at ${server.host}`;
    if (!isLenient) throw new ThreadlineError('unsupported', `${message}.`, { hint, details: { field: feature, wire } });
    warn(`${message}: it is left out.`);
    adapted = without(adapted, feature);
  }
  return adapted;
}

/** The server as a step meets it whose files are at another one; what was to be computed with them is computed without. */
export function awayFromFiles({ ask, items }: Question, server: Server): { question: Question; server: Server } {
  const tools = ask.tools.map((tool) => (tool.type === 'code_interpreter' ? { ...tool, fileIds: [] } : tool));
  const can = { ...server.can, files: false, file_search: false };
  return { question: { ask: { ...ask, tools }, items }, server: { ...server, can } };
}

const partsOf = (items: Item[]): Part[] => items.filter(isMessage).flatMap(({ parts }) => parts);

const USES: Record<Feature, (question: Question) => boolean> = {
  file_search: ({ ask }) => ask.tools.some(({ type }) => type === 'file_search'),
  code_interpreter: ({ ask }) => ask.tools.some(({ type }) => type === 'code_interpreter'),
  web_search: ({ ask }) => ask.tools.some(({ type }) => type === 'web_search'),
  'attachments.file_id': ({ items }) => partsOf(items).some(isFileById),
  'images.file_id': ({ items }) => partsOf(items).some(isImageById),
  'images.url': ({ items }) => partsOf(items).some(isImageByUrl),
  background: ({ ask }) => ask.background,
  tool_choice: ({ ask }) => ask.toolChoice !== undefined && ask.toolChoice !== 'auto',
  parallel_tool_calls: ({ ask }) => ask.parallelToolCalls === false,
  reasoning_effort: ({ ask }) => ask.reasoningEffort !== undefined,
  'messages.system': ({ items }) => items.some(isSystemMessage),
  store: ({ ask }) => !ask.store,
};

const uses = (question: Question, feature: Feature): boolean => USES[feature](question);

const isFileById = (part: Part): boolean => part.type === 'file' && part.fileId !== undefined;
const isImageById = (part: Part): boolean => part.type === 'image' && part.fileId !== undefined;
const isImageByUrl = (part: Part): boolean => part.type === 'image' && /^https?:/i.test(part.url ?? '');
const isSystemMessage = (item: Item): item is MessageItem => isMessage(item) && item.role === 'system';

const withoutParts = (items: Item[], isOut: (part: Part) => boolean): Item[] =>
  items.map((item) => (isMessage(item) ? { ...item, parts: item.parts.filter((part) => !isOut(part)) } : item));

function without({ ask, items }: Question, feature: Feature): Question {
  switch (feature) {
    case 'file_search':
    case 'code_interpreter':
    case 'web_search':
      return { ask: { ...ask, tools: ask.tools.filter(({ type }) => type !== feature) }, items };
    case 'attachments.file_id':
      return { ask, items: withoutParts(items, isFileById) };
    case 'images.file_id':
      return { ask, items: withoutParts(items, isImageById) };
    case 'images.url':
      return { ask, items: withoutParts(items, isImageByUrl) };
    case 'background':
      return { ask: { ...ask, background: false }, items };
    case 'tool_choice':
      return { ask: { ...ask, toolChoice: undefined }, items };
    case 'parallel_tool_calls':
      return { ask: { ...ask, parallelToolCalls: undefined }, items };
    case 'reasoning_effort':
      return { ask: { ...ask, reasoningEffort: undefined }, items };
    case 'messages.system':
      return { ask, items: items.map((item) => (isSystemMessage(item) ? { ...item, role: 'user' } : item)) };
    case 'store':
      return { ask: { ...ask, store: true }, items };
  }
}

/** A server that cannot be told a format is told in words: the answer is checked here in any case. */
function inWords({ ask, items }: Question, { can }: Server): Question {
  const { format } = ask;
  if (format.type === 'text' || can[format.type]) return { ask, items };
  const wish = 'Answer with a JSON object only, without any text around it.';
  const told = format.type === 'json_schema' ? `${wish} It must fit this JSON Schema:\n${JSON.stringify(format.schema)}` : wish;
  const additionalInstructions = [ask.additionalInstructions, told].filter(Boolean).join('\n\n');
  const next =
    format.type === 'json_schema' && can.json_object ? ({ type: 'json_object' } as const) : ({ type: 'text' } as const);
  return { ask: { ...ask, format: next, additionalInstructions }, items };
}
