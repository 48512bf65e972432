import type { FetchInit, GuardedFetch } from '../fetch/guarded-fetch.ts';
import type { ProviderEvent } from '../plan/event.ts';
import type { Provider, ProviderContext } from '../provider/contract.ts';
import { CODE_PATTERN, ThreadlineError } from '../shared/errors/errors.ts';
import { type Json, type JsonObject, toJson } from '../shared/json/json.ts';
import { checkSchema } from '../shared/schema/check-schema.ts';
import { isLive } from '../shared/schema/schema.ts';
import { Mask } from '../shared/text/mask.ts';
import { placeOfNoJson } from './plain-json.ts';
import { type TestHost, testContext } from './provider-context.ts';

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
}

/** How soon a call has to end after it was aborted. */
const SOON_MS = 2000;

/** How long an endless call may get on with its work before it is aborted. */
const AT_WORK_MS = 100;

const IS_CODE = new RegExp(CODE_PATTERN);
const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** A call that has ended, with all that left it. */
interface EndedCall {
  results?: unknown;
  error?: unknown;
  events: ProviderEvent[];
  requests: SentRequest[];
}

/**
 * Holds a provider to its contract: makes the call of `test`, makes it again, aborts it, and lets its connection break. Resolves
 * with the results of the first call; rejects with an Error that lists all promises that were not kept. It works in any
 * test runner. What it cannot see, such as whether a retry would be paid twice, stays with the provider's own tests.
 */
export async function testProvider(provider: Provider, test: ProviderTest = {}): Promise<Json> {
  const broken: string[] = [...brokenInDeclaration(provider), ...brokenInParams(provider, test)];
  const first = await makeCall(provider, test);
  if ('error' in first) {
    broken.push(`The call did not succeed: ${textOf(first.error)}`);
    throw notKept(broken);
  }
  broken.push(...brokenInResults(first, test), ...(await brokenInRepetition(provider, test, first)));
  broken.push(...(await brokenInAbort(provider, test)));
  if (first.requests.length > 0 && !test.requests) broken.push(...(await brokenInFailure(provider, test)));
  if (broken.length > 0) throw notKept(broken);
  return first.results as Json;
}

const notKept = (broken: readonly string[]) =>
  new Error(['The provider does not keep its contract:', ...broken.map((line) => `- ${line}`)].join('\n'));

function brokenInDeclaration({ description, params, errors = {} }: Provider): string[] {
  const codes = Object.keys(errors).filter((code) => !IS_CODE.test(code));
  return [
    ...(description.trim() === '' ? ['`description` is empty: `threadline providers` shows it.'] : []),
    ...('type' in params && params.type === 'object' ? [] : ['`params` is not the schema of an object: `with:` is a map.']),
    ...codes.map((code) => `The error code \`${code}\` is not written in lower case with underscores.`),
  ];
}

function brokenInParams(provider: Provider, { params = {}, config = {} }: ProviderTest): string[] {
  const issues = [
    ...checkSchema(provider.params, params, { isOpen: (_, schema) => isLive(schema) }).map((issue) => ({
      part: 'params',
      issue,
    })),
    ...checkSchema(provider.config, config).map((issue) => ({ part: 'config', issue })),
  ];
  return issues.map(({ part, issue }) => `The test's ${[part, ...issue.path].join('.')} ${issue.message}.`);
}

function brokenInResults({ results, events }: EndedCall, { config = {} }: ProviderTest): string[] {
  const place = placeOfNoJson(results, 'results');
  const mask = new Mask();
  mask.addConfig(config);
  const shows = (data: unknown) => JSON.stringify(mask.apply(toJson(data))) !== JSON.stringify(toJson(data));
  return [
    ...(place ? [`The results are not plain JSON: ${place}.`] : []),
    ...(!place && shows(results) ? ['The results show a secret of the configuration.'] : []),
    ...(shows(events) ? ['An event shows a secret of the configuration.'] : []),
  ];
}

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

async function brokenInFailure(provider: Provider, test: ProviderTest): Promise<string[]> {
  const lost = new ThreadlineError('connection_failed', 'The connection broke.', { retryable: true });
  const ended = await within(makeCall(provider, test, { onFetch: () => Promise.reject(lost) }), SOON_MS);
  if (!ended) return ['The call does not end when the connection breaks: retries are for the workflow to make.'];
  if (!('error' in ended)) return ['The call succeeds although the connection broke.'];
  const { error } = ended;
  if (error instanceof ThreadlineError) return [];
  return [`A broken connection is reported as ${textOf(error)}, which is not a ThreadlineError.`];
}

async function makeCall(
  provider: Provider,
  { params = {}, config = {}, requests: sentElsewhere, ...host }: ProviderTest,
  { onFetch }: { onFetch?: (() => Promise<void>) | undefined } = {},
): Promise<EndedCall> {
  const events: ProviderEvent[] = [];
  const requests: SentRequest[] = [];
  const before = sentElsewhere?.().length ?? 0;
  const context = testContext(config, {
    ...host,
    emit: (event) => {
      events.push(event);
      host.emit?.(event);
    },
  });
  const fetch: GuardedFetch = async (address, init = {}) => {
    requests.push(requestOf(address, init));
    await onFetch?.();
    return context.fetch(address, init);
  };
  const outcome = await outcomeOf(provider, params, { ...context, fetch });
  return { ...outcome, events, requests: [...requests, ...(sentElsewhere?.().slice(before) ?? [])] };
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

const textOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
