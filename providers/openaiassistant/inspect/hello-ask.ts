import { enclosedFormat } from '../contract/enclosed-schema.ts';
import type { Ask } from '../question/ask.ts';
import type { ModelRoute } from '../routes/model-routes.ts';
import { assistantIdOf, modelOf } from '../turn/build-ask.ts';
import type { Prepared } from './prepare.ts';

const IDLE_MS = 30_000;

/** An ask with nothing but a model. */
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
  shortOutputs: false,
  metadata: {},
  store: false,
  stream: false,
  background: false,
  idleMs: IDLE_MS,
  extra: {},
});

/**
 * The parts of the step's ask for which a server may refuse it: its functions, of which none may be called, its format and
 * parameters that not all models take. Instructions and the server's own tools are left out, because they only cost.
 */
export function helloAsk(prepared: Prepared, route: ModelRoute): Ask {
  const { assistant, params, rule, tools } = prepared;
  const functions = tools.filter(({ type }) => type === 'function');
  return {
    ...plainAsk(modelOf(prepared, route)),
    assistantId: assistantIdOf(prepared, route),
    tools: functions,
    toolChoice: functions.length > 0 ? 'none' : undefined,
    parallelToolCalls: functions.length > 0 ? assistant.parallel_tool_calls : undefined,
    format: enclosedFormat(rule?.format ?? { type: 'text' }),
    temperature: assistant.temperature,
    topP: assistant.top_p,
    reasoningEffort: assistant.reasoning_effort,
    stream: params.stream ?? route.wire.streamsByDefault,
  };
}
