import type { Journal, SignalWait } from '../journal/journal.ts';
import type { EventOrigin, ProviderEvent } from '../plan/event.ts';
import type { ProviderCall } from '../plan/plan.ts';
import { pathOfTry } from '../plan/step-path.ts';
import type { StepTemplate } from '../plan/step-template.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import type { CallHost } from './call-host.ts';
import type { ProviderContext, Runtime } from './contract.ts';
import { findWorkflowFiles, readWorkflowFile } from './workflow-file.ts';

/** The step that an event comes from, and the item where it runs for several. */
export const originOf = ({ step, item }: ProviderCall): EventOrigin => (item === undefined ? { step } : { step, item });

/** Does the call of a function once, with the journal for what is done within a call. */
type CallOnce = (call: ProviderCall, host: CallHost, journal: Journal) => Promise<Json>;

/** What a provider may ask of its host, for one call; `host.journal` is the one for what is done within it. */
export function contextOf(call: ProviderCall, config: JsonObject, host: CallHost, callOnce: CallOnce): ProviderContext {
  const origin = originOf(call);
  const path = pathOfTry(call.path, call.attempt ?? 1);
  const emit = (event: ProviderEvent) => host.emit(origin, event);
  return {
    config,
    signal: call.signal,
    idempotencyKey: `${host.run.id}/${call.path}`,
    log: host.log.child({ ...origin, provider: call.provider }),
    run: host.run,
    step: { name: call.step, path },
    fetch: async (address, init) => {
      const { guardedFetch } = await import('../fetch/guarded-fetch.ts');
      return guardedFetch(host.http.allowHosts, call.signal)(address, init);
    },
    files: {
      read: (file) => readWorkflowFile(file, host),
      find: (pattern) => findWorkflowFiles(pattern, host),
      data: async (file) => host.parseData(new TextDecoder().decode((await readWorkflowFile(file, host)).bytes), file),
    },
    emit,
    runtime: runtimeOf(call, path, host, callOnce),
  };
}

function runtimeOf(call: ProviderCall, path: string, host: CallHost, callOnce: CallOnce): Runtime {
  const emit = (event: ProviderEvent) => host.emit(originOf(call), event);
  return {
    prices: host.prices,
    budget: host.budget,
    alerts: host.alerts,
    threads: host.threads,
    memory: host.journal.memoryAt(path),
    now: () => host.journal.now(),
    waitForSignal: (wait) => waitFor(wait, path, { ...call, ...host, emit }),
    runStep: async (template, args, { name, signal = call.signal }) => {
      const inner = callOfFunction(template, args, { ...call, path: `${path}/${name}`, signal });
      const results = await callOnce(inner, host, host.journal.inner);
      return (await host.registry.load(template.provider))?.functionResult?.(results) ?? results;
    },
    workflow: host.workflow,
    runWorkflow: (file, start, { name, signal = call.signal } = {}) => {
      const place = name === undefined ? {} : { path: `${path}/${name}`, attempt: 1 };
      return host.runWorkflow({ ...call, ...place, signal }, file, start, host.journal);
    },
  };
}

/** The same call with parameters rendered from the model's arguments, at a path of its own. */
function callOfFunction(template: StepTemplate, args: JsonObject, call: ProviderCall): ProviderCall {
  const { name, provider, config } = template;
  const tool = call.tool === undefined ? name : `${call.tool}/${name}`;
  return { ...call, tool, provider, config, params: template.render(args), attempt: 1, isInner: true };
}

type Wait = Parameters<Runtime['waitForSignal']>[0];
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
