import type { Ask } from '../question/ask.ts';
import type { ModelRoute } from '../routes/model-routes.ts';
import type { Prepared } from './prepare.ts';

const IDLE_MS = 30_000;

/** A question with nothing around it. */
export const plainAsk = (model: string | undefined): Ask => ({
  model,
  assistantId: undefined,
  name: undefined,
  instructions: undefined,
  additionalInstructions: undefined,
  tools: [],
  toolChoice: undefined,
  parallelToolCalls: undefined,
  format: { type: 'text' },
  temperature: undefined,
  topP: undefined,
  reasoningEffort: undefined,
  truncation: { type: 'none' },
  maxPromptTokens: undefined,
  metadata: {},
  store: false,
  stream: false,
  background: false,
  idleMs: IDLE_MS,
  extra: {},
});

/**
 * The question as the step asks it, as far as a server may refuse it: with its functions, of which none may be called, its
 * format and what else models are particular about. Its instructions and the tools of the server only cost.
 */
export function helloAsk({ assistant, params, rule, tools, subject }: Prepared, route: ModelRoute): Ask {
  const functions = tools.filter(({ type }) => type === 'function');
  return {
    ...plainAsk(modelOf({ assistant, subject }, route)),
    assistantId: route.wire.hasAssistants ? keptIdOf({ assistant, subject }) : undefined,
    tools: functions,
    toolChoice: functions.length > 0 ? 'none' : undefined,
    parallelToolCalls: functions.length > 0 ? assistant.parallel_tool_calls : undefined,
    format: rule?.format ?? { type: 'text' },
    temperature: assistant.temperature,
    topP: assistant.top_p,
    reasoningEffort: assistant.reasoning_effort,
    stream: params.stream ?? route.wire.streamsByDefault,
  };
}

export const modelOf = ({ assistant, subject }: Pick<Prepared, 'assistant' | 'subject'>, route: ModelRoute): string | undefined =>
  route.model ?? assistant.model ?? subject.context.config.model;

/** An assistant that a server keeps: the step's, or the configuration's where the step names no model. */
export const keptIdOf = ({ assistant, subject }: Pick<Prepared, 'assistant' | 'subject'>): string | undefined =>
  assistant.id ?? (assistant.model === undefined ? subject.context.config.assistant_id : undefined);
