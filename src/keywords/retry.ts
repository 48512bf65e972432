import type { Frame, RunStep, StepPorts } from '../plan/plan.ts';
import { reportOf, type ThreadlineError } from '../shared/errors/errors.ts';
import { type DataPath, isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { Closed, ErrorCodeName, OneOf, Type } from '../shared/schema/schema.ts';
import { Duration, durationMs } from '../shared/time/duration.ts';
import { asStrings, type Keyword } from './keyword.ts';

const Retry = Type.Union(
  [
    Type.Integer({ minimum: 1, maximum: 100 }),
    Closed({
      attempts: Type.Integer({ minimum: 1, maximum: 100, description: 'Tries in all, the first one included.' }),
      backoff: Type.Optional(OneOf(['exponential', 'fixed'], { description: 'How the delay grows.', default: 'exponential' })),
      delay: Type.Optional(Duration('Before the second try; default 1s.')),
      max_delay: Type.Optional(Duration('The longest delay; default 60s.')),
      on: Type.Optional(
        Type.Array(ErrorCodeName({}, ['any']), {
          minItems: 1,
          description:
            "Only these errors are tried again: Threadline's codes, or a provider's own. Default: those that are retryable, such as timeout, rate_limit, server_error.",
        }),
      ),
    }),
  ],
  { description: 'Try again when the step fails. A number is the number of tries.' },
);

/** `retry: {attempts: 3, backoff: exponential, delay: 1s, on: [timeout, rate_limit]}`, and Keep's `on-failure: {retry: …}`. */
export const retryKeyword: Keyword = {
  keys: {
    retry: Retry,
    'on-failure': Closed(
      {
        retry: Closed(
          {
            count: Type.Integer({ minimum: 1, maximum: 100, description: 'Tries after the first one.' }),
            interval: Type.Optional(Duration('Between two tries; default 0.')),
          },
          { description: 'How often, and how long apart.' },
        ),
      },
      { description: "Keep's form of `retry`: a fixed interval, whatever the error." },
    ),
  },
  defaults: { retry: Retry },
  otherNames: { retries: 'retry' },
  compile(step, compiler) {
    if (step.retry !== undefined && step['on-failure'] !== undefined) {
      compiler.problem(['on-failure'], '`retry` and `on-failure.retry` are both given', 'They mean the same: keep one.');
    }
    const policy = policyOf(step);
    return { errorCodes: namedCodes(step), wrap: (next, ports) => (frame) => runTries(policy, frame, next, ports) };
  },
};

/** The error codes in `on`, with their places in the file. */
function namedCodes({ retry }: JsonObject): { code: string; path: DataPath }[] {
  const codes = isObject(retry) ? asStrings(retry.on).filter((code) => code !== 'any') : [];
  return codes.map((code, index) => ({ code, path: ['retry', 'on', index] }));
}

export interface RetryPolicy {
  attempts: number;
  backoff: 'exponential' | 'fixed';
  delayMs: number;
  maxDelayMs: number;
  /** Undefined: each error tells whether it is retryable. */
  on: ReadonlySet<string> | undefined;
}

function policyOf(step: JsonObject): RetryPolicy {
  const keep = isObject(step['on-failure']) && isObject(step['on-failure'].retry) ? step['on-failure'].retry : undefined;
  if (step.retry === undefined && keep) {
    const delayMs = toMs(keep.interval, 0);
    return { attempts: Number(keep.count) + 1, backoff: 'fixed', delayMs, maxDelayMs: delayMs, on: new Set(['any']) };
  }
  const given = isObject(step.retry) ? step.retry : { attempts: step.retry ?? 1 };
  return {
    attempts: Number(given.attempts),
    backoff: given.backoff === 'fixed' ? 'fixed' : 'exponential',
    delayMs: toMs(given.delay, 1000),
    maxDelayMs: toMs(given.max_delay, 60_000),
    on: given.on === undefined ? undefined : new Set(asStrings(given.on)),
  };
}

const toMs = (value: Json | undefined, otherwise: number) => durationMs(value as string | number) ?? otherwise;

async function runTries(policy: RetryPolicy, frame: Frame, next: RunStep, ports: StepPorts) {
  for (let attempt = 1; ; attempt++) {
    const outcome = await next({ ...frame, attempt });
    if (outcome.status !== 'failed' || !outcome.error)
      return { ...outcome, attempts: outcome.status === 'skipped' ? 0 : attempt };
    const delayMs = delayBeforeNext(policy, attempt, outcome.error, ports.random());
    if (delayMs === undefined || frame.signal.aborted) return { ...outcome, attempts: attempt };
    const place = frame.item === undefined ? { step: ports.step } : { step: ports.step, item: frame.item };
    ports.emit({ type: 'attempt-failed', ...place, attempt, error: reportOf(outcome.error), delay_ms: delayMs });
    await ports.sleep(`${frame.path}.retry-${attempt}`, delayMs, frame.signal);
    if (frame.signal.aborted) return { ...outcome, attempts: attempt };
  }
}

/** Delay before the next attempt; undefined when there is none. `random` is between 0 and 1. */
export function delayBeforeNext(
  policy: RetryPolicy,
  attempt: number,
  error: ThreadlineError,
  random: number,
): number | undefined {
  const wanted = policy.on ? error.code !== 'cancelled' && (policy.on.has(error.code) || policy.on.has('any')) : error.retryable;
  if (!wanted || attempt >= policy.attempts) return undefined;
  const grown = policy.backoff === 'fixed' ? policy.delayMs : policy.delayMs * 2 ** (attempt - 1);
  const capped = Math.min(grown, policy.maxDelayMs);
  // Jitter keeps a hundred items that failed together from coming back together.
  const jittered = policy.backoff === 'fixed' ? capped : capped * (0.75 + random / 4);
  return Math.round(Math.max(jittered, retryAfterMs(error)));
}

/** Delay that the server asked for, up to ten minutes. */
function retryAfterMs(error: ThreadlineError): number {
  const asked = error.details?.retry_after_ms;
  return typeof asked === 'number' && asked > 0 ? Math.min(asked, 600_000) : 0;
}
