import { durationMs, type Json, type JsonObject, type ProviderContext, ThreadlineError, type Usage } from 'threadline/provider';
import { instructionsOf, type ResolvedAssistant, resolveAssistant } from './assistant.ts';
import { openClient } from './client.ts';
import { messagesOf } from './content.ts';
import { type OutputRule, outputRule } from './format.ts';
import { findJson, type How } from './output.ts';
import type { Config, Params } from './schema.ts';
import { Toolbox } from './tools.ts';
import { responsesWire } from './wires/responses.ts';
import type { Ask, HistoryMessage, Reply, SendOptions, Session } from './wires/wire.ts';

const TIMEOUT_MS = 600_000;
const TOOL_ROUNDS = 10;
/** The least that the API lets an answer have. */
const LEAST_TOKENS = 16;

/** Asks an assistant: sends the prompt, runs what functions it calls, and hands on an answer that fits. */
export async function ask(params: Params, context: ProviderContext<Config>): Promise<Json> {
  const assistant = await resolveAssistant(params, context);
  const rule = await outputRule(assistant.response_format, context);
  const toolbox = new Toolbox(assistant, params, context);
  const wireAsk = await buildAsk(params, assistant, rule, toolbox, context);
  const client = await openClient(context.config);
  return withDeadline(params, context.signal, async (signal) => {
    const warn = (message: string) => context.emit({ type: 'log', level: 'warning', message });
    const session = await responsesWire.open(client, wireAsk, signal, warn);
    if (params.thread_id === undefined && session.threadId)
      context.emit({ type: 'progress', message: `thread ${session.threadId}` });
    return new Conversation({ params, assistant, rule, toolbox, context, session, signal }).run();
  });
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
    workflow: context.run.workflow.slice(0, 512),
    run: context.run.id.slice(0, 512),
    step: context.step.name.slice(0, 512),
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

/** `timeout` covers the whole turn, function calls included; the step's own limits hold too. */
async function withDeadline<Result>(
  params: Params,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limitMs = durationMs(params.timeout ?? params.max_wait_time ?? '') ?? TIMEOUT_MS;
  const controller = new AbortController();
  const stop = () => controller.abort(outer.reason);
  if (outer.aborted) stop();
  outer.addEventListener('abort', stop, { once: true });
  const late = new ThreadlineError('timeout', `The assistant took longer than ${limitMs / 1000} seconds.`, {
    hint: 'Raise `timeout` in its parameters.',
  });
  const timer = setTimeout(() => controller.abort(late), limitMs);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', stop);
  }
}

interface Parts {
  params: Params;
  assistant: ResolvedAssistant;
  rule: OutputRule;
  toolbox: Toolbox;
  context: ProviderContext<Config>;
  session: Session;
  signal: AbortSignal;
}

interface Judged {
  response: Json;
  json: { ok: boolean; how: How | null; error: string | null };
  /** What the model is told when its answer does not fit. */
  mistakes: string[];
}

/** One turn of the conversation: rounds of function calls, then an answer, asked for again where `repair` allows. */
class Conversation {
  private readonly parts: Parts;
  private readonly usage: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost_usd: null };
  private runId: string | null = null;
  private requestId: string | null = null;
  private rounds = 0;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  async run(): Promise<Json> {
    try {
      const { reply, judged } = await this.answer();
      return await this.results(reply, judged);
    } catch (thrown) {
      throw this.withIds(thrown);
    }
  }

  private async answer(): Promise<{ reply: Reply; judged: Judged }> {
    const { session, rule, assistant } = this.parts;
    let reply = await this.settle(await this.send((options) => session.start(options), assistant.tool_choice));
    for (let repairs = 0; ; repairs++) {
      const judged = await this.judge(reply);
      if (judged.mistakes.length === 0) return { reply, judged };
      if (repairs >= rule.repair) throw this.invalidOutput(reply, judged, repairs);
      const text = `Your answer does not fit what was asked for: ${judged.mistakes.join('; ')}. Answer again with the corrected JSON only.`;
      reply = await this.settle(await this.send((options) => session.followUp(text, options), 'auto'));
    }
  }

  /** Runs functions until the model answers. */
  private async settle(first: Reply): Promise<Reply> {
    const { toolbox, session, params, signal } = this.parts;
    const most = params.max_tool_rounds ?? TOOL_ROUNDS;
    let reply = first;
    while (reply.status === 'requires_action') {
      const { toolCalls } = reply;
      if (this.rounds >= most) {
        await this.abandon(toolCalls, 'too many rounds');
        throw new ThreadlineError(
          'too_many_tool_rounds',
          `The model still calls functions after ${most} rounds: ${toolCalls.map((call) => call.name).join(', ')}.`,
          {
            hint: 'Raise `max_tool_rounds`, or tell the assistant when to stop.',
          },
        );
      }
      const outputs = await toolbox.run(toolCalls, ++this.rounds, signal).catch(async (thrown) => {
        await this.abandon(toolCalls, 'interrupted');
        throw thrown;
      });
      // A choice that forces a tool holds once: kept, it would force calls for ever.
      reply = await this.send((options) => session.answer(outputs, options), 'auto');
    }
    return this.assertAnswered(reply);
  }

  private async abandon(calls: Reply['toolCalls'], reason: string): Promise<void> {
    const { session, context } = this.parts;
    await session.abandon(calls, reason).catch((thrown: Error) => {
      context.emit({ type: 'log', level: 'warning', message: `The thread keeps an unanswered function call: ${thrown.message}` });
    });
  }

  private async send(request: (options: SendOptions) => Promise<Reply>, toolChoice: SendOptions['toolChoice']): Promise<Reply> {
    const { context, signal, assistant } = this.parts;
    const limit = assistant.max_completion_tokens;
    const maxOutputTokens = limit === undefined ? undefined : limit - this.usage.completion_tokens;
    if (maxOutputTokens !== undefined && maxOutputTokens < LEAST_TOKENS) {
      throw new ThreadlineError('incomplete', `The answer was cut off: max_completion_tokens (${limit}) is used up.`, {
        hint: 'Raise `max_completion_tokens`.',
      });
    }
    const reply = await request({
      maxOutputTokens,
      toolChoice,
      signal,
      onText: (text) => context.emit({ type: 'text-delta', text }),
    });
    this.runId = reply.runId;
    this.requestId = reply.requestId ?? null;
    for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens'] as const) this.usage[key] += reply.usage[key];
    context.emit({ type: 'usage', usage: reply.usage });
    return reply;
  }

  private assertAnswered(reply: Reply): Reply {
    const { reason } = reply;
    const raw = { response: reply.text };
    if (reply.status === 'refused') throw new ThreadlineError('refused', `The model refused: ${reply.text}`);
    if (reply.status === 'incomplete') {
      const hint = reason === 'max_output_tokens' ? 'Raise `max_completion_tokens`.' : undefined;
      throw new ThreadlineError('incomplete', `The answer was cut off: ${reason ?? 'the server does not say why'}.`, {
        details: raw,
        ...(hint ? { hint } : {}),
      });
    }
    if (reply.status === 'failed' || reply.status === 'cancelled') {
      const retryable = /^(server_error|rate_limit_exceeded|vector_store_timeout)/.test(reason ?? '');
      throw new ThreadlineError(
        'run_failed',
        `The server ended the run as ${reply.status}: ${reason ?? 'it does not say why'}.`,
        { retryable },
      );
    }
    if (reply.text.trim() === '') throw new ThreadlineError('empty_output', 'The model answered with nothing.');
    return reply;
  }

  private async judge(reply: Reply): Promise<Judged> {
    const { rule } = this.parts;
    const found = await findJson(reply.text);
    if (!found.ok) {
      const json = { ok: false, how: null, error: found.error };
      return { response: reply.text, json, mistakes: rule.wantsJson ? [found.error] : [] };
    }
    const mistakes = rule.validate(found.value);
    return {
      response: found.value,
      json: { ok: mistakes.length === 0, how: found.how, error: mistakes.join('; ') || null },
      mistakes,
    };
  }

  private invalidOutput(reply: Reply, { mistakes }: Judged, repairs: number): ThreadlineError {
    const again = repairs > 0 ? ` after ${repairs} re-ask${repairs > 1 ? 's' : ''}` : '';
    return new ThreadlineError(
      'invalid_output',
      `The answer is not the JSON that was asked for${again}: ${mistakes.join('; ')}.`,
      {
        details: { response: reply.text },
        hint: 'Raise `repair` in response_format to have the model correct itself.',
      },
    );
  }

  private async results(reply: Reply, { response, json }: Judged): Promise<Json> {
    const { session, toolbox } = this.parts;
    const results: Record<string, unknown> = {
      response,
      text: reply.text,
      thread_id: session.threadId,
      run_id: reply.runId,
      status: reply.status,
      model: reply.model,
      wire: responsesWire.name,
      messages: await this.history(),
      tool_calls: toolbox.calls,
      annotations: reply.annotations,
      usage: this.usage,
      cost_usd: null,
      fallbacks: [],
      json,
      raw_response: reply.raw,
    };
    return results as Json;
  }

  /** The answer is there and paid for: not being able to list the thread does not lose it. */
  private async history(): Promise<HistoryMessage[]> {
    const { session, signal, context } = this.parts;
    try {
      return await session.history(signal);
    } catch (thrown) {
      signal.throwIfAborted();
      context.emit({
        type: 'log',
        level: 'warning',
        message: `The thread's messages could not be read: ${(thrown as Error).message}`,
      });
      return [];
    }
  }

  private withIds(thrown: unknown): unknown {
    if (!(thrown instanceof ThreadlineError)) return thrown;
    const { code, message, hint, retryable, details } = thrown;
    const ids = { thread_id: this.parts.session.threadId, run_id: this.runId, request_id: this.requestId };
    const merged: JsonObject = { ...ids, ...details, usage: { ...this.usage } };
    return new ThreadlineError(code, message, {
      retryable,
      details: merged,
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
