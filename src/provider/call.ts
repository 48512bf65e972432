import type { AlertStore } from '../alerts/store/store.ts';
import type { Journal, SignalWait } from '../journal/journal.ts';
import { asData, fromData } from '../journal/outcome.ts';
import type { EventOrigin, ProviderEvent, Question } from '../plan/event.ts';
import type { ProviderCall } from '../plan/plan.ts';
import { pathOfTry } from '../plan/step-path.ts';
import type { StepTemplate } from '../plan/step-template.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { type Json, type JsonObject, toJson } from '../shared/json/json.ts';
import { checkSchema } from '../shared/schema/check-schema.ts';
import { isLive } from '../shared/schema/schema.ts';
import type { Provider, ProviderContext, ThreadAccess, WorkflowSignature, WorkflowStart } from './contract.ts';
import { type CredentialSources, resolveCredentials } from './credentials.ts';
import type { ProviderRegistry } from './load.ts';
import { type FileHost, findWorkflowFiles, readWorkflowFile } from './workflow-file.ts';

/** What all calls of one run share. */
export interface CallHost extends FileHost {
  registry: ProviderRegistry;
  credentials: CredentialSources;
  run: { id: string; workflow: string; offline: boolean };
  http: { allowHosts: readonly string[] };
  prices: ProviderContext['prices'];
  budget: ProviderContext['budget'];
  /** Starts the emulator when a provider first needs it. */
  emulatorUrl: (() => Promise<string>) | undefined;
  /** Opens the store of alerts when it is first needed. */
  alerts(): Promise<AlertStore>;
  threads: ThreadAccess;
  /** Of the run: `path` tells calls and tries apart. */
  journal: Journal;
  emit(origin: EventOrigin, event: ProviderEvent): void;
  /** Calls the provider of a function; not always the provider itself answers. */
  call(call: ProviderCall): Promise<Json>;
  limits?: Limits;
  /** What stands for a person's answer, where something does. */
  answerQuestion?(question: Question): Json | undefined;
  /** Keeps these values out of everything that leaves the run. */
  hide(config: JsonObject): void;
  parseData(text: string, file: string): Json;
  workflow(file: string): WorkflowSignature;
  runWorkflow(call: ProviderCall, file: string, start: WorkflowStart, journal: Journal): Promise<JsonObject>;
}

/** How many calls of a provider may be under way at once. */
export interface Limits {
  /** Those that the call comes under, by name. */
  of(call: ProviderCall): string[];
  /** Waits for its turn; what it returns lets others have theirs. Rejects with the reason of the signal. */
  hold(names: readonly string[], runId: string, signal: AbortSignal, onWait: (message: string) => void): Promise<() => void>;
}

/** How long a provider may clean up after an abort before it is left alone. */
const GRACE_MS = 5000;

/** Calls a provider: loads it, resolves its credentials, checks the rendered parameters, runs it. */
export async function callProvider(call: ProviderCall, host: CallHost): Promise<Json> {
  const provider = await host.registry.load(call.provider);
  if (!provider) {
    throw new ThreadlineError('provider_not_found', `There is no provider \`${call.provider}\`.`, {
      hint: '`threadline providers` lists what is installed.',
    });
  }
  checkParams(provider, call);
  call.signal.throwIfAborted();
  const offline = provider.offline && host.emulatorUrl ? (provider.offline(await host.emulatorUrl()) as JsonObject) : undefined;
  const config = resolveCredentials(call.provider, provider, call.config, host.credentials, offline);
  host.hide(config);
  // What an abandoned provider still says belongs to no step any more.
  let listens = true;
  const emit: CallHost['emit'] = (origin, event) => {
    if (listens) host.emit(origin, event);
  };
  // What is within a call is no work of its own for the run's journal.
  const journal = call.isInner === true || !provider.orchestrates ? host.journal.inner : host.journal;
  const names = (provider.orchestrates ? undefined : host.limits?.of(call)) ?? [];
  const counted = { ...call, limits: new Set([...(call.limits ?? []), ...names]) };
  const release = await takeTurn(names, call, host);
  const work = provider.run(call.params, contextOf(counted, config, { ...host, emit, journal }));
  return orAbandon(work, call.signal).finally(() => {
    listens = false;
    release?.();
  });
}

async function takeTurn(names: readonly string[], call: ProviderCall, host: CallHost): Promise<(() => void) | undefined> {
  if (names.length === 0) return undefined;
  const goOn = call.stopClock?.();
  try {
    return await host.limits?.hold(names, host.run.id, call.signal, (message) =>
      host.emit(originOf(call), { type: 'progress', message }),
    );
  } finally {
    goOn?.();
  }
}

const originOf = ({ step, item }: ProviderCall): EventOrigin => (item === undefined ? { step } : { step, item });

/** Throws `invalid_params` when rendered parameters do not fit the provider's schema. */
export function checkParams(provider: Provider, call: ProviderCall): void {
  const [issue] = checkSchema(provider.params, call.params, { isOpen: (_, schema) => isLive(schema) });
  if (issue) {
    const place = issue.path.join('.');
    throw new ThreadlineError(
      'invalid_params',
      `The parameters of \`${call.provider}\` do not fit: ${place ? `\`${place}\` ` : ''}${issue.message}.`,
      { ...(issue.hint ? { hint: issue.hint } : {}) },
    );
  }
}

/** What a provider may ask of its host, for one call; `journal` is the one for what is done within it. */
export function contextOf(call: ProviderCall, config: JsonObject, host: CallHost): ProviderContext {
  const origin = originOf(call);
  const path = pathOfTry(call.path, call.attempt ?? 1);
  const emit = (event: ProviderEvent) => host.emit(origin, event);
  return {
    config,
    signal: call.signal,
    idempotencyKey: `${host.run.id}/${call.path}`,
    run: host.run,
    step: { name: call.step, path },
    http: host.http,
    prices: host.prices,
    budget: host.budget,
    alerts: host.alerts,
    threads: host.threads,
    memory: host.journal.memoryAt(path),
    now: () => host.journal.now(),
    waitForSignal: (wait) => waitFor(wait, path, { ...call, ...host, emit }),
    emit,
    runStep: (template, args, { name, signal }) =>
      runTemplate(template, args, `${path}/${name}`, { ...call, signal: signal ?? call.signal }, host),
    workflow: host.workflow,
    runWorkflow: (file, start, { name, signal = call.signal } = {}) => {
      const place = name === undefined ? {} : { path: `${path}/${name}`, attempt: 1 };
      return host.runWorkflow({ ...call, ...place, signal }, file, start, host.journal);
    },
    readFile: (path) => readWorkflowFile(path, host),
    findFiles: (pattern) => findWorkflowFiles(pattern, host),
    readData: async (path) => host.parseData(new TextDecoder().decode((await readWorkflowFile(path, host)).bytes), path),
  };
}

type Wait = Parameters<ProviderContext['waitForSignal']>[0];
type Waiting = Pick<CallHost, 'journal' | 'answerQuestion'> &
  Pick<ProviderCall, 'signal' | 'stopClock'> &
  Pick<ProviderContext, 'emit'>;

/** Says for what it waits, when it does not go on at once. */
async function waitFor(
  { name, untilMs, question }: Wait,
  path: string,
  { journal, signal, stopClock, emit, answerQuestion }: Waiting,
): Promise<Json | undefined> {
  const answer = question && answerQuestion?.(question);
  if (answer !== undefined) return answer;
  const place = `${path}.wait${name === undefined ? '' : `-${name}`}`;
  let waited: { signal: string | null } | undefined;
  const onWait: SignalWait['onWait'] = (wait) => {
    waited = { signal: wait.name ?? null };
    const until = wait.untilMs === undefined ? null : new Date(wait.untilMs).toISOString();
    emit({ type: 'wait-started', ...waited, until, ...(question ? { question } : {}) });
  };
  const goOn = stopClock?.();
  try {
    const sent = await journal.waitForSignal(place, { name, untilMs, signal, onWait, ...(question ? { question } : {}) });
    if (waited) emit({ type: 'wait-ended', ...waited });
    return sent;
  } finally {
    goOn?.();
  }
}

/** A tool: the same call with parameters rendered from the model's arguments, at a path of its own; done once. */
async function runTemplate(
  template: StepTemplate,
  args: JsonObject,
  path: string,
  call: ProviderCall,
  host: CallHost,
): Promise<Json> {
  const { provider, config } = template;
  const tool = call.tool === undefined ? template.name : `${call.tool}/${template.name}`;
  const inner = { ...call, tool, provider, config, params: template.render(args), path, attempt: 1, isInner: true };
  return callOnce(inner, { journal: host.journal.inner, call: (one) => host.call(one), registry: host.registry });
}

/** What calls are made through. */
export interface OnceHost {
  journal: Journal;
  registry: ProviderRegistry;
  call(call: ProviderCall): Promise<Json>;
}

/** The call, unless the journal has its end; that is kept before anybody reads it. */
export function callOnce(call: ProviderCall, { journal, registry, call: callNow }: OnceHost): Promise<Json> {
  const path = pathOfTry(call.path, call.attempt ?? 1);
  const work = () => asData(async () => toJson(await callNow(call)), call.signal);
  return journal.during(path, async () => {
    const isReplayed = (await registry.load(call.provider))?.orchestrates === true;
    return fromData(isReplayed ? await work() : await journal.run(path, work));
  });
}

/** After an abort a provider has some seconds to take back what it started; then the step ends without it. */
function orAbandon(work: Promise<Json>, signal: AbortSignal): Promise<Json> {
  return new Promise((resolveWork, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const abandon = () => {
      timer = setTimeout(() => reject(signal.reason), GRACE_MS);
    };
    if (signal.aborted) abandon();
    else signal.addEventListener('abort', abandon, { once: true });
    work.then(resolveWork, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abandon);
    });
  });
}
