import { ThreadlineError } from 'threadline/provider';
import type { Capabilities, Server } from '../dialects/server.ts';
import type { Ask, Tool } from './ask.ts';
import { type Item, isMessage, type MessageItem, type Part } from './items.ts';

/** An ask and the messages with it, before a wire puts both into its API's words. */
export interface Question {
  ask: Ask;
  items: Item[];
}

interface FeatureRule {
  isUsed(question: Question): boolean;
  without(question: Question): Question;
  /** The server's capability that it takes, if any. */
  needs?: keyof Capabilities;
}

const builtInTool = (type: 'file_search' | 'code_interpreter' | 'web_search'): FeatureRule => ({
  isUsed: ({ ask }) => ask.tools.some((tool) => tool.type === type),
  without: ({ ask, items }) => ({ ask: { ...ask, tools: ask.tools.filter((tool: Tool) => tool.type !== type) }, items }),
  needs: type,
});

const partOfMessage = (isMeant: (part: Part) => boolean, needs: keyof Capabilities): FeatureRule => ({
  isUsed: ({ items }) => items.filter(isMessage).some(({ parts }) => parts.some(isMeant)),
  without: ({ ask, items }) => ({
    ask,
    items: items.map((item) => (isMessage(item) ? { ...item, parts: item.parts.filter((part) => !isMeant(part)) } : item)),
  }),
  needs,
});

const askedFor = (isUsed: (ask: Ask) => boolean, unasked: Partial<Ask>, needs?: keyof Capabilities): FeatureRule => ({
  isUsed: ({ ask }) => isUsed(ask),
  without: ({ ask, items }) => ({ ask: { ...ask, ...unasked }, items }),
  ...(needs === undefined ? {} : { needs }),
});

const isFileById = (part: Part): boolean => part.type === 'file' && part.fileId !== undefined;
const isImageById = (part: Part): boolean => part.type === 'image' && part.fileId !== undefined;
const isImageByUrl = (part: Part): boolean => part.type === 'image' && /^https?:/i.test(part.url ?? '');
const isSystemMessage = (item: Item): item is MessageItem => isMessage(item) && item.role === 'system';

/** Features that not every wire or server has, named by the field that asks for them. */
const RULES = {
  file_search: builtInTool('file_search'),
  code_interpreter: builtInTool('code_interpreter'),
  web_search: builtInTool('web_search'),
  'attachments.file_id': partOfMessage(isFileById, 'files'),
  'images.file_id': partOfMessage(isImageById, 'files'),
  'images.url': partOfMessage(isImageByUrl, 'image_urls'),
  background: askedFor(({ background }) => background, { background: false }, 'background'),
  tool_choice: askedFor(
    ({ toolChoice }) => toolChoice !== undefined && toolChoice !== 'auto',
    { toolChoice: undefined },
    'tool_choice',
  ),
  parallel_tool_calls: askedFor(
    ({ parallelToolCalls }) => parallelToolCalls === false,
    { parallelToolCalls: undefined },
    'parallel_tool_calls',
  ),
  reasoning_effort: askedFor(
    ({ reasoningEffort }) => reasoningEffort !== undefined,
    { reasoningEffort: undefined },
    'reasoning_effort',
  ),
  'messages.system': {
    isUsed: ({ items }) => items.some(isSystemMessage),
    without: ({ ask, items }) => ({
      ask,
      items: items.map((item) => (isSystemMessage(item) ? { ...item, role: 'user' } : item)),
    }),
  },
  store: askedFor(({ store }) => !store, { store: true }),
} satisfies Record<string, FeatureRule>;

export type Feature = keyof typeof RULES;

const FEATURES = Object.keys(RULES) as Feature[];
const ruleOf = (feature: Feature): FeatureRule => RULES[feature];

/** A wire's name, and the features that its API has no words for, each with what to do instead. */
export interface WireLimits {
  readonly name: string;
  readonly cannot: Readonly<Partial<Record<Feature, string>>>;
}

/** A hint what to do instead where this wire or this server cannot do it; undefined where both can. */
export function insteadOf(feature: Feature, wire: WireLimits, { name, can }: Server): string | undefined {
  const { needs } = ruleOf(feature);
  const hint = wire.cannot[feature];
  if (hint !== undefined || needs === undefined || can[needs]) return hint;
  return `As far as is known, ${name} cannot do it; \`capabilities: { ${needs}: true }\` of the configuration says that this one can.`;
}

/** The refusal of a feature that this wire or this server does not have. */
export const unsupportedError = (feature: Feature, hint: string, wire: WireLimits, { host }: Server): ThreadlineError =>
  new ThreadlineError('unsupported', `\`${feature}\` cannot be done over the wire \`${wire.name}\` at ${host}.`, {
    hint,
    details: { field: feature, wire: wire.name },
  });

/** All that the question asks for and this wire or this server cannot do, with what to do instead. */
export const unsupportedFeatures = (question: Question, wire: WireLimits, server: Server): { feature: Feature; hint: string }[] =>
  FEATURES.filter((feature) => ruleOf(feature).isUsed(question)).flatMap((feature) => {
    const hint = insteadOf(feature, wire, server);
    return hint === undefined ? [] : [{ feature, hint }];
  });

export const withoutFeature = (question: Question, feature: Feature): Question => ruleOf(feature).without(question);
