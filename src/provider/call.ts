import { captureOutcome, resultsOrThrow } from '../journal/call-outcome.ts';
import type { Journal } from '../journal/journal.ts';
import type { ProviderCall } from '../plan/plan.ts';
import { pathOfTry } from '../plan/step-path.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { type DataPath, type Json, type JsonObject, toJson } from '../shared/json/json.ts';
import { checkSchema } from '../shared/schema/check-schema.ts';
import { isLive } from '../shared/schema/schema.ts';
import { wideNumbersAsText } from '../shared/schema/wide-numbers.ts';
import type { CallHost } from './call-host.ts';
import { contextOf, originOf } from './context.ts';
import type { Provider } from './contract.ts';
import { resolveCredentials } from './credentials.ts';
import { mappedFailure } from './mapped-stack.ts';

/** How long a provider may clean up after an abort before it is left alone. */
const GRACE_MS = 5000;

/**
 * The call of a step or of a function, done once: where the journal has its end, that answers. The end is kept before anybody
 * reads it. Rejects with what the provider failed with.
 */
export function callOnce(call: ProviderCall, host: CallHost, journal: Journal): Promise<Json> {
  const path = pathOfTry(call.path, call.attempt ?? 1);
  return journal.track(path, async () => {
    const provider = await host.registry.load(call.provider);
    const ask = () => {
      const work = runProvider(provider, call, host);
      host.track?.(work);
      return work;
    };
    const work = async () => toJson(await (host.standIn ? host.standIn(call, provider, ask) : ask()));
    const ending = () => captureOutcome(work, call.signal);
    return resultsOrThrow(provider?.orchestrates ? await ending() : await journal.run(path, ending));
  });
}

/** The call of a provider outside of a run, which no journal keeps. */
export const callProvider = async (call: ProviderCall, host: CallHost): Promise<Json> =>
  runProvider(await host.registry.load(call.provider), call, host);

/** Resolves the credentials, checks the rendered parameters, waits for its turn, and runs the provider. */
async function runProvider(provider: Provider | undefined, call: ProviderCall, host: CallHost): Promise<Json> {
  if (!provider) {
    throw new ThreadlineError('provider_not_found', `There is no provider \`${call.provider}\`.`, {
      hint: '`threadline providers` lists what is installed.',
    });
  }
  checkParams(provider, call);
  const params = wideNumbersAsText(provider.params, call.params);
  call.signal.throwIfAborted();
  const config = await configFor(provider, call, host);
  // Drop events of a provider that was abandoned after an abort.
  let listens = true;
  const emit: CallHost['emit'] = (origin, event) => {
    if (listens) host.emit(origin, event);
  };
  // Only a step's own provider that orchestrates is replayed: what others do within their call has no entries of its own.
  const journal = provider.orchestrates && !call.isInner ? host.journal : host.journal.inner;
  const limits = (provider.orchestrates ? undefined : host.limits?.of(call)) ?? [];
  const release = await takeTurn(limits, call, host);
  const counted = { ...call, limits: new Set([...(call.limits ?? []), ...limits]) };
  const context = contextOf(counted, config, { ...host, emit, journal }, callOnce);
  // In JavaScript, `run` may throw or return at once.
  const running = (async () => provider.run(params, context))().catch((thrown: unknown) => Promise.reject(mappedFailure(thrown)));
  return orAbandon(running, call.signal).finally(() => {
    listens = false;
    release?.();
  });
}

async function configFor(provider: Provider, call: ProviderCall, host: CallHost): Promise<JsonObject> {
  const offline = provider.offline && host.emulatorUrl ? (provider.offline(await host.emulatorUrl()) as JsonObject) : undefined;
  const config = resolveCredentials(call.provider, provider, call.config, host.credentials, offline);
  host.hide(config);
  return config;
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

const NULL_HINT = 'Its template gave null: {{ default x "…" }} says what to take then.';

const isNothing = (params: Json, path: DataPath): boolean =>
  path.reduce<unknown>((value, key) => (value as JsonObject | undefined)?.[key], params) === null;

/** Throws `invalid_params` when rendered parameters do not fit the provider's schema. */
export function checkParams(provider: Provider, call: ProviderCall): void {
  const [issue] = checkSchema(provider.params, call.params, { isOpen: (_, schema) => isLive(schema) });
  if (issue) {
    const place = issue.path.join('.');
    const hint = issue.hint ?? (isNothing(call.params, issue.path) ? NULL_HINT : undefined);
    throw new ThreadlineError(
      'invalid_params',
      `The parameters of \`${call.provider}\` do not fit: ${place ? `\`${place}\` ` : ''}${issue.message}.`,
      hint === undefined ? {} : { hint },
    );
  }
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
