import { getEventListeners } from 'node:events';
import type { FetchInit, GuardedFetch } from '../fetch/guarded-fetch.ts';
import { isRepeatable } from '../fetch/outgoing.ts';
import type { ProviderEvent } from '../plan/event.ts';
import type { Provider, ProviderContext } from '../provider/contract.ts';
import { type ErrorCode, ThreadlineError } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import { DEFAULT_KEY, type TestHost, testContext } from './provider-context.ts';
import { brokenInDeclaration, brokenInParams } from './provider-declaration.ts';
import { brokenInError, brokenInResultShape, brokenInResults, textOf } from './provider-outcome.ts';

/** A request of a provider, as a server gets it. */
export interface SentRequest {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** A call that succeeds, and what is around it. */
export interface ProviderTest extends TestHost {
  params?: JsonObject;
  config?: JsonObject;
  /**
   * A call that goes on until it is aborted, such as one to a server that never answers: for a provider that does not send by
   * `context.fetch`. What it does not name is that of the call above.
   */
  endless?: { params?: JsonObject; config?: JsonObject };
  /** What the servers got so far, oldest first: for a provider that does not send by `context.fetch`. */
  requests?(): readonly SentRequest[];
  /** `false` where the servers take no idempotency key. Default true. */
  sendsKey?: boolean;
  /** Calls that fail, and the code that each fails with. */
  failures?: readonly ProviderFailure[];
}

/** A call that fails. Where it names no parameters or configuration, those of the call that succeeds are used. */
export interface ProviderFailure {
  params?: JsonObject;
  config?: JsonObject;
  code: ErrorCode;
}

/** How soon a call has to end after it was aborted. */
const SOON_MS = 2000;

/** How long an endless call may get on with its work before it is aborted. */
const AT_WORK_MS = 100;

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** A call that has ended, with all that left it. */
interface EndedCall {
  results?: unknown;
  error?: unknown;
  events: ProviderEvent[];
  requests: SentRequest[];
  /** How many listeners it left at the signal. */
  listeners: number;
}

/**
 * Holds a provider to its contract: makes the call of `test`, makes it again, aborts it, and lets its connection break. Resolves
 * with the results of the first call; rejects with an Error that lists all promises that were not kept. It works in any
 * test runner. What it cannot see, such as whether work begun at a server is taken back, stays with the provider's own tests.
 */
export async function testProvider(provider: Provider, test: ProviderTest = {}): Promise<Json> {
  const { params = {}, config = {}, failures = [] } = test;
  const broken: string[] = [...brokenInDeclaration(provider), ...brokenInParams(provider, params, config)];
  const first = await makeCall(provider, test);
  if ('error' in first) {
    broken.push(`The call did not succeed: ${textOf(first.error)}`);
    throw notKept(broken);
  }
  broken.push(...brokenInResults(first.results, first.events, config), ...brokenInListeners(first));
  broken.push(...brokenInResultShape(provider, params, first.results));
  broken.push(...(await brokenInRepetition(provider, test, first)));
  broken.push(...(await brokenInAbort(provider, test)));
  if (first.requests.length > 0 && !test.requests) broken.push(...(await brokenInLostConnection(provider, test)));
  for (const failure of failures) broken.push(...(await brokenInFailure(provider, test, failure)));
  if (broken.length > 0) throw notKept(broken);
  return first.results as Json;
}

const notKept = (broken: readonly string[]) =>
  new Error(['The provider does not keep its contract:', ...broken.map((line) => `- ${line}`)].join('\n'));

/**
 * The call made again with the same key, as after a crash, and with another one: some part of each request that changes something
 * has to stay the same with the same key, and to differ with another.
 */
async function brokenInRepetition(provider: Provider, test: ProviderTest, first: EndedCall): Promise<string[]> {
  if (test.sendsKey === false || writesOf(first).length === 0) return [];
  const again = writesOf(await makeCall(provider, test));
  const other = writesOf(await makeCall(provider, { ...test, idempotencyKey: 'run-2/other' }));
  const keyless = writesOf(first).filter((request, index) => !carriesKey(request, again[index], other[index]));
  return keyless.map(
    ({ method, url }) =>
      `${method} ${url} does not carry \`context.idempotencyKey\`: made again after a crash, it is done twice. Where the server takes no key, say \`sendsKey: false\`.`,
  );
}

type SentParts = Record<string, string>;

const writesOf = ({ requests }: EndedCall) => requests.filter(({ method }) => WRITES.has(method));

function carriesKey(first: SentRequest, again: SentRequest | undefined, other: SentRequest | undefined): boolean {
  const partsOf = (request: SentRequest | undefined): SentParts =>
    request ? { ...request.headers, ':body': request.body, ':url': request.url } : {};
  const [known, same, different] = [first, again, other].map(partsOf) as [SentParts, SentParts, SentParts];
  return Object.entries(known).some(([name, part]) => same[name] === part && different[name] !== part);
}

async function brokenInAbort(provider: Provider, test: ProviderTest): Promise<string[]> {
  const reason = new ThreadlineError('cancelled', 'The test aborted the call.');
  const controller = new AbortController();
  const { endless } = test;
  let isUnderWay = false;
  const abort = async () => {
    isUnderWay = true;
    controller.abort(reason);
  };
  const ending = makeCall(provider, { ...test, ...endless, signal: controller.signal }, { onFetch: endless ? undefined : abort });
  if (endless) {
    const early = await within(ending, AT_WORK_MS);
    if (early) return ['The call of `endless` ended by itself: nothing could be aborted.'];
    await abort();
  }
  const ended = await within(ending, SOON_MS);
  if (!ended) return [`The call goes on ${SOON_MS / 1000} seconds after \`signal\` aborted.`];
  if (isUnderWay && !('error' in ended)) return ['The call succeeds although `signal` aborted while it was at work.'];
  return [];
}

async function brokenInLostConnection(provider: Provider, test: ProviderTest): Promise<string[]> {
  const isSafe = (request: SentRequest) => isSafeToRepeat(request, test.idempotencyKey);
  const lose = (request: SentRequest) =>
    Promise.reject(new ThreadlineError('connection_failed', 'The connection broke.', { retryable: isSafe(request) }));
  const ended = await within(makeCall(provider, test, { onFetch: lose }), SOON_MS);
  if (!ended) return ['The call does not end when the connection breaks: retries are for the workflow to make.'];
  if (!('error' in ended)) return ['The call succeeds although the connection broke.'];
  const sentTwice = ended.requests.find(
    (request, index) => !isSafe(request) && isRepeated(request, ended.requests.slice(0, index)),
  );
  return [
    ...(sentTwice
      ? [`${sentTwice.method} ${sentTwice.url} is sent again although it may have been done: \`retry\` is the workflow's.`]
      : []),
    ...brokenInError('A broken connection', ended.error, provider, test.config ?? {}),
  ];
}

/** Whether a server does the request once however often it gets it; a key may be in the body, too. */
const isSafeToRepeat = ({ method, headers, body }: SentRequest, key = DEFAULT_KEY): boolean =>
  isRepeatable({ method, headers: new Map(Object.entries(headers)) }) ||
  [...Object.values(headers), body].some((part) => part.includes(key));

const isRepeated = ({ method, url, body }: SentRequest, before: readonly SentRequest[]): boolean =>
  before.some((one) => one.method === method && one.url === url && one.body === body);

async function brokenInFailure(provider: Provider, test: ProviderTest, { code, ...call }: ProviderFailure): Promise<string[]> {
  const { error, ...ended } = await makeCall(provider, { ...test, ...call });
  if (error === undefined) return [`The call that fails with \`${code}\` succeeds, with ${JSON.stringify(ended.results)}.`];
  if (error instanceof ThreadlineError && error.code !== code)
    return [`The call that fails with \`${code}\` fails with \`${error.code}\`: ${error.message}`];
  return brokenInError(`The failure \`${code}\``, error, provider, call.config ?? test.config ?? {});
}

/** The signal may be that of a whole run: a listener that each call leaves there holds on to the call. */
const brokenInListeners = ({ listeners }: EndedCall): string[] =>
  listeners === 0 ? [] : ['The call has ended and still listens to `signal`: take the listener off.'];

async function makeCall(
  provider: Provider,
  { params = {}, config = {}, requests: sentElsewhere, ...host }: ProviderTest,
  { onFetch }: { onFetch?: ((request: SentRequest) => Promise<void>) | undefined } = {},
): Promise<EndedCall> {
  const events: ProviderEvent[] = [];
  const requests: SentRequest[] = [];
  const before = sentElsewhere?.().length ?? 0;
  const { signal = new AbortController().signal } = host;
  const context = testContext(config, {
    ...host,
    // Of its own, so that what listens at `signal` is the provider's.
    signal: AbortSignal.any([signal]),
    emit: (event) => {
      events.push(event);
      host.emit?.(event);
    },
  });
  const fetch: GuardedFetch = async (address, init = {}) => {
    const request = requestOf(address, init);
    requests.push(request);
    await onFetch?.(request);
    const { signal: given, ...rest } = init;
    return context.fetch(address, given === signal ? rest : init);
  };
  const outcome = await outcomeOf(provider, params, { ...context, signal, fetch });
  const listeners = getEventListeners(signal, 'abort').length;
  return { ...outcome, events, listeners, requests: [...requests, ...(sentElsewhere?.().slice(before) ?? [])] };
}

const outcomeOf = async (provider: Provider, params: JsonObject, context: ProviderContext) => {
  try {
    return { results: (await provider.run(params, context)) as unknown };
  } catch (error) {
    return { error };
  }
};

const requestOf = (address: string | URL, { method = 'GET', headers, body }: FetchInit): SentRequest => ({
  method: method.toUpperCase(),
  url: String(address),
  headers: Object.fromEntries(new Headers(headers)),
  body: typeof body === 'string' ? body : body ? Buffer.from(body).toString() : '',
});

/** What the work resolves to; undefined where it takes longer. */
async function within<Value>(work: Promise<Value>, ms: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
