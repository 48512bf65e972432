import { durationMs, type Json, type JsonObject, type ProviderContext, ThreadlineError, type Usage } from 'threadline/provider';
import { type OutputRule, outputRule } from '../answer/output-rule.ts';
import { withDeadline } from '../base/deadline.ts';
import { type ResolvedAssistant, resolveAssistant } from '../contract/resolve-assistant.ts';
import type { Config, Params } from '../contract/schema.ts';
import { fetchFiles, nameCitations } from '../knowledge/annotations.ts';
import { type Content, type Purpose, uploadOnce } from '../knowledge/uploads.ts';
import { adapt, awayFromFiles } from '../question/adapt.ts';
import type { Item } from '../question/items.ts';
import { openClient, type RequestWishes } from '../routes/client.ts';
import { type FallbackReport, type Route, routesOf } from '../routes/model-routes.ts';
import { Toolbox } from '../tools/toolbox.ts';
import { wireNamed } from '../wires/index.ts';
import type { Ask } from '../wires/wire.ts';
import { Conversation } from './conversation.ts';
import { messagesOf } from './messages.ts';
import { type HeldThread, openThread } from './open-thread.ts';
import { fileServerOf, prepareFiles } from './prepare-files.ts';
import { RequestJournal } from './request-journal.ts';
import { truncationOf } from './truncation.ts';

const TIMEOUT_MS = 600_000;
const IDLE_MS = 300_000;
const METADATA_LIMIT = 512;

/** What the turn consists of, whichever way it is asked. */
interface Turn {
  params: Params;
  context: ProviderContext<Config>;
  assistant: ResolvedAssistant;
  rule: OutputRule;
  toolbox: Toolbox;
  metadata: Record<string, string>;
  thread: HeldThread;
  usage: Usage;
  /** Messages that are still to be said: what one way has got into the thread, another does not say again. */
  unsaid: { items: Item[] };
  wishes: RequestWishes;
  journal: RequestJournal;
  signal: AbortSignal;
}

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
  const routes = routesOf(params, context.config);
  const [assistant, journal] = await Promise.all([resolveAssistant(params, context), RequestJournal.open(context, signal)]);
  const rule = await outputRule(assistant.response_format, context);
  const metadata = metadataOf(assistant, context);
  const thread = await openThread(params, metadata, context, routes[0] as Route, { signal, mark: journal.mark });
  const held = thread.signal ? AbortSignal.any([signal, thread.signal]) : signal;
  const wishes = requestWishes(params, context, journal);
  const shared = { params, context, assistant, rule, metadata, thread, wishes, journal };
  try {
    return await answer({ ...shared, usage: nothing(), signal: held }, routes);
  } finally {
    thread.release();
  }
}

async function answer(known: Omit<Turn, 'toolbox' | 'unsaid'>, routes: Route[]): Promise<Json> {
  const { params, context, assistant, thread, signal } = known;
  const files = await prepareFiles(params, routes[0] as Route, context, thread.memory, signal);
  const items = await messagesOf(params, files.parts, context);
  const toolbox = await Toolbox.open(assistant, params, files, context, signal);
  try {
    return await askInTurn(routes, { ...known, toolbox, unsaid: { items } });
  } finally {
    await toolbox.close();
  }
}

/** Failures of the way, not of the question: another way may work. */
const WORTH_ANOTHER_WAY = new Set([
  'connection_failed',
  'server_error',
  'rate_limit',
  'quota_exceeded',
  'authentication_failed',
  'missing_credentials',
  'not_found',
  'run_failed',
  'unsupported',
]);

async function askInTurn(routes: Route[], turn: Turn): Promise<Json> {
  const { context, signal } = turn;
  const fallbacks: FallbackReport[] = [];
  // What a fallback lacks is said before the first way is paid for.
  for (const route of routes) modelOf(route, turn.assistant, context.config);
  for (const [index, route] of routes.entries()) {
    const skipped = await turn.journal.skipped(index, fallbacks);
    if (skipped) {
      fallbacks.push(...skipped.slice(fallbacks.length, index + 1));
      continue;
    }
    try {
      return await askOver(route, turn, fallbacks);
    } catch (thrown) {
      const isLast = index === routes.length - 1;
      if (isLast || signal.aborted || !(thrown instanceof ThreadlineError) || !WORTH_ANOTHER_WAY.has(thrown.code)) throw thrown;
      fallbacks.push({ wire: route.wire, server: route.server.host, error: { code: thrown.code, message: thrown.message } });
      const next = routes[index + 1] as Route;
      const message = `${thrown.message} The next way is tried: ${next.wire} at ${next.server.host}.`;
      context.emit({ type: 'log', level: 'warning', message });
    }
  }
  throw new ThreadlineError('internal', 'There is no way to ask.');
}

async function askOver(route: Route, turn: Turn, fallbacks: FallbackReport[]): Promise<Json> {
  const { params, context, thread, unsaid, signal } = turn;
  const warn = (message: string) => context.emit({ type: 'log', level: 'warning', message });
  const isLenient = route.isFallback || params.on_unsupported === 'warn';
  const { server } = route;
  const whole = { ask: askOf(route, turn), items: unsaid.items };
  const away = route.isElsewhere ? awayFromFiles(whole, server) : { question: whole, server };
  const question = adapt(away.question, { server: away.server, wire: route.wire, isLenient, warn });
  const client = await openClient(route.config, turn.wishes);
  const wire = wireNamed(route.wire);
  const { memory, store } = thread;
  const upload = async (content: Content, purpose: Purpose) =>
    (await uploadOnce(await fileServerOf(route, context, signal), content, purpose)).fileId;
  const session = await wire.open({ client, server, ask: question.ask, thread: memory, store, upload, signal, warn });
  if (!memory.isKnown && memory.id !== null) context.emit({ type: 'progress', message: `thread ${memory.id}` });
  const { assistant, rule, toolbox, journal } = turn;
  if (memory.isKept) await journal.begin({ thread_id: memory.id, position: memory.length });
  const parts = { journal, params, assistant, rule, toolbox, context, session, thread: memory, signal, wire, server, fallbacks };
  return new Conversation({
    ...parts,
    ask: question.ask,
    isLenient,
    unsaid,
    usage: turn.usage,
    filesOf: (citations) => citedFiles(route, turn, citations),
  }).run(question.items);
}

/** Citations with the names of their files, and the files that the model has made: servers forget these within minutes. */
async function citedFiles(route: Route, { context, signal }: Turn, citations: JsonObject[]) {
  if (citations.length === 0) return { annotations: citations, files: [] };
  const server = await fileServerOf(route, context, signal);
  const annotations = await nameCitations(server, citations);
  return { annotations, files: await fetchFiles(server, annotations) };
}

/** Each request of a step has a key of its own, and keeps it when it is repeated. */
function requestWishes(
  { max_retries: maxRetries }: Params,
  { emit }: ProviderContext<Config>,
  journal: RequestJournal,
): RequestWishes {
  return {
    ...(maxRetries === undefined ? {} : { maxRetries }),
    idempotencyKey: (path) => journal.keyFor(path),
    onRetry: ({ reason, attempt, delayMs }) =>
      emit({ type: 'progress', message: `attempt ${attempt} failed (${reason}): again in ${delayMs} ms` }),
    onWait: ({ reason, delayMs }) => emit({ type: 'progress', message: `waiting ${delayMs} ms: ${reason}` }),
  };
}

const nothing = (): Usage => ({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost_usd: 0 });

const metadataOf = (assistant: ResolvedAssistant, { run, step }: ProviderContext<Config>): Record<string, string> => ({
  ...assistant.metadata,
  workflow: run.workflow.slice(0, METADATA_LIMIT),
  run: run.id.slice(0, METADATA_LIMIT),
  step: step.name.slice(0, METADATA_LIMIT),
});

function askOf(route: Route, { params, context, assistant, rule, toolbox, metadata }: Turn): Ask {
  return {
    model: modelOf(route, assistant, context.config),
    assistantId: assistantIdOf(route, assistant),
    name: assistant.name,
    instructions: assistant.instructions,
    additionalInstructions: params.additional_instructions,
    tools: toolbox.offered,
    toolChoice: toolbox.offered.length > 0 ? assistant.tool_choice : undefined,
    parallelToolCalls: toolbox.offered.length > 0 ? assistant.parallel_tool_calls : undefined,
    format: rule.format,
    temperature: assistant.temperature,
    topP: assistant.top_p,
    reasoningEffort: assistant.reasoning_effort,
    truncation: truncationOf(assistant, context.config),
    maxPromptTokens: assistant.max_prompt_tokens,
    metadata,
    store: params.store ?? true,
    // Servers that imitate the Assistants API seldom stream well: there it has to be asked for.
    stream: params.stream ?? route.wire !== 'assistants',
    background: params.background ?? isWorthFinding(route, params, context),
    idleMs: durationMs(params.idle_timeout ?? '') ?? IDLE_MS,
    extra: (params.extra ?? {}) as JsonObject,
  };
}

/** An answer that comes as a stream is lost with the process that reads it, unless the server makes it in the background. */
function isWorthFinding({ server, wire }: Route, { store, stream }: Params, { memory, run }: ProviderContext<Config>): boolean {
  const canBeFound = wire === 'responses' && server.can.background && store !== false && stream !== false;
  // The emulator of a run dies with it.
  return canBeFound && memory.isVolatile !== true && !run.offline;
}

/** An assistant that the server keeps exists on its own wire only: over others what the step says of itself has to do. */
function assistantIdOf({ wire, config }: Route, { id, model }: ResolvedAssistant): string | undefined {
  if (wire !== 'assistants') return undefined;
  return id ?? (model === undefined ? config.assistant_id : undefined);
}

function modelOf(route: Route, assistant: ResolvedAssistant, config: Config): string | undefined {
  const model = route.model ?? assistant.model ?? config.model;
  if (model !== undefined || assistantIdOf(route, assistant) !== undefined) return model;
  const isAssistants = route.wire === 'assistants';
  throw new ThreadlineError(
    'invalid_params',
    isAssistants ? 'Neither an assistant nor a model is named.' : 'No model is named.',
    {
      hint: isAssistants
        ? 'Set OPENAI_ASSISTANT_ID, write `assistant: asst_…`, or a `model` to make one of.'
        : 'Write `model:` in the step, in its assistant, or in the provider configuration.',
    },
  );
}
