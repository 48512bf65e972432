import { durationMs, type Json, type JsonObject, type ProviderContext, ThreadlineError } from 'threadline/provider';
import { instructionsOf, type ResolvedAssistant, resolveAssistant } from './assistant.ts';
import { openClient } from './client.ts';
import { messagesOf } from './content.ts';
import { Conversation } from './conversation.ts';
import { withDeadline } from './deadline.ts';
import { type OutputRule, outputRule } from './format.ts';
import type { Config, Params } from './schema.ts';
import { Toolbox } from './tools.ts';
import { wireNamed } from './wires/index.ts';
import type { Ask } from './wires/wire.ts';

const TIMEOUT_MS = 600_000;
const METADATA_LIMIT = 512;

/** Asks an assistant: sends the prompt, runs what functions it calls, and hands on an answer that fits. */
export async function ask(params: Params, context: ProviderContext<Config>): Promise<Json> {
  const limitMs = durationMs(params.timeout ?? params.max_wait_time ?? '') ?? TIMEOUT_MS;
  // `timeout` covers the whole turn, function calls included; the step's own limits hold too.
  const late = new ThreadlineError('timeout', `The assistant took longer than ${limitMs / 1000} seconds.`, {
    hint: 'Raise `timeout` in its parameters.',
  });
  return withDeadline(limitMs, late, context.signal, (signal) => takeTurn(params, context, signal));
}

async function takeTurn(params: Params, context: ProviderContext<Config>, signal: AbortSignal): Promise<Json> {
  signal.throwIfAborted();
  const assistant = await resolveAssistant(params, context);
  const rule = await outputRule(assistant.response_format, context);
  const toolbox = await Toolbox.open(assistant, params, context);
  const wireAsk = await buildAsk(params, assistant, rule, toolbox, context);
  const client = await openClient(context.config);
  const warn = (message: string) => context.emit({ type: 'log', level: 'warning', message });
  const wire = wireNamed(params.wire ?? 'auto');
  const session = await wire.open(client, wireAsk, signal, warn);
  if (params.thread_id === undefined && session.threadId !== null)
    context.emit({ type: 'progress', message: `thread ${session.threadId}` });
  return new Conversation({ params, assistant, rule, toolbox, context, session, signal, wire: wire.name }).run();
}

async function buildAsk(
  params: Params,
  assistant: ResolvedAssistant,
  rule: OutputRule,
  toolbox: Toolbox,
  context: ProviderContext<Config>,
): Promise<Ask> {
  const metadata = {
    ...assistant.metadata,
    workflow: context.run.workflow.slice(0, METADATA_LIMIT),
    run: context.run.id.slice(0, METADATA_LIMIT),
    step: context.step.name.slice(0, METADATA_LIMIT),
  };
  return {
    threadId: params.thread_id,
    model: assistant.model,
    instructions: instructionsOf(assistant, params),
    messages: await messagesOf(params, context),
    tools: toolbox.offered,
    toolChoice: assistant.tool_choice,
    parallelToolCalls: assistant.parallel_tool_calls,
    format: rule.format,
    temperature: assistant.temperature,
    topP: assistant.top_p,
    reasoningEffort: assistant.reasoning_effort,
    metadata,
    store: params.store ?? true,
    stream: params.stream ?? true,
    extra: (params.extra ?? {}) as JsonObject,
  };
}
