import { durationMs, type JsonObject, type ProviderContext } from 'threadline/provider';
import { noModel } from '../contract/check-config.ts';
import { enclosedFormat } from '../contract/enclosed-schema.ts';
import type { ResolvedAssistant } from '../contract/resolve-assistant.ts';
import type { Config } from '../contract/schema.ts';
import type { Ask, Truncation } from '../question/ask.ts';
import { insteadOf } from '../question/features.ts';
import type { ModelRoute } from '../routes/model-routes.ts';
import type { Turn } from './turn.ts';

const IDLE_MS = 300_000;
const METADATA_LIMIT = 512;

type StepAndAssistant = Pick<Turn, 'assistant'> & { context: Pick<ProviderContext<Config>, 'config'> };

/** Puts the step's parameters and its assistant into one ask; `adapt` then takes out what the route cannot do. */
export function buildAsk(turn: Turn, route: ModelRoute): Ask {
  const { params, context, assistant, rule, toolbox } = turn;
  const offersTools = toolbox.offered.length > 0;
  return {
    model: modelOf(turn, route),
    assistantId: assistantIdOf(turn, route),
    name: assistant.name,
    instructions: assistant.instructions,
    additionalInstructions: params.additional_instructions,
    tools: toolbox.offered,
    toolChoice: offersTools ? assistant.tool_choice : undefined,
    parallelToolCalls: offersTools ? assistant.parallel_tool_calls : undefined,
    format: enclosedFormat(rule.format),
    temperature: assistant.temperature,
    topP: assistant.top_p,
    reasoningEffort: assistant.reasoning_effort,
    truncation: truncationOf(assistant, context.config),
    maxPromptTokens: assistant.max_prompt_tokens,
    shortOutputs: false,
    metadata: metadataOf(assistant, context),
    store: params.store ?? true,
    stream: params.stream ?? route.wire.streamsByDefault,
    background: params.background ?? isWorthKeeping(turn, route),
    waitsForThread: params.thread?.on_busy !== 'fail',
    idleMs: durationMs(params.idle_timeout ?? '') ?? IDLE_MS,
    extra: (params.extra ?? {}) as JsonObject,
  };
}

/** The model that a route asks: the fallback's own, the assistant's, or the configuration's. */
export const modelOf = ({ assistant, context }: StepAndAssistant, route: Pick<ModelRoute, 'model'>): string | undefined =>
  route.model ?? assistant.model ?? context.config.model;

/** The id of an assistant that the server keeps; undefined over wires without such assistants. */
export function assistantIdOf({ assistant: { id, model } }: StepAndAssistant, { wire, config }: ModelRoute): string | undefined {
  if (!wire.hasAssistants) return undefined;
  return id ?? (model === undefined ? config.assistant_id : undefined);
}

/** Throws `invalid_params` where the route has neither a model nor an assistant that has one. */
export function requireModel(turn: Turn, route: ModelRoute): void {
  if (modelOf(turn, route) !== undefined || assistantIdOf(turn, route) !== undefined) return;
  throw noModel(route.wire.hasAssistants);
}

export const metadataOf = (
  assistant: ResolvedAssistant,
  { run, step }: Pick<ProviderContext, 'run' | 'step'>,
): Record<string, string> => ({
  ...assistant.metadata,
  workflow: run.workflow.slice(0, METADATA_LIMIT),
  run: run.id.slice(0, METADATA_LIMIT),
  step: step.name.slice(0, METADATA_LIMIT),
});

/** How much of the thread is shown: the step's wish, else the configuration's, else all. */
function truncationOf({ truncation_strategy: given }: ResolvedAssistant, { max_history: history }: Config): Truncation {
  if (given === undefined) return history === undefined ? { type: 'none' } : { type: 'last_messages', count: Number(history) };
  const strategy = typeof given === 'string' ? { type: given } : given;
  return strategy.type === 'last_messages' ? { type: strategy.type, count: strategy.last_messages } : { type: strategy.type };
}

/** Whether the answer is asked for in the background by default: a stream would be lost with the process that reads it. */
function isWorthKeeping({ params: { store, stream }, context: { runtime, run } }: Turn, { server, wire }: ModelRoute): boolean {
  const canBeFound = insteadOf('background', wire, server) === undefined && store !== false && stream !== false;
  // An offline run's emulator ends with the process: nothing could be found there.
  return canBeFound && runtime.memory.isVolatile !== true && !run.offline;
}
