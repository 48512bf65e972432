import {
  Closed,
  Duration,
  defineProvider,
  durationMs,
  type JsonObject,
  momentOf,
  OneOf,
  type ParamsProblem,
  type Static,
  ThreadlineError,
  TIME_FORMS,
  Type,
} from 'threadline/provider';
import type { Runtime } from 'threadline/runtime';

const params = Closed({
  for: Type.Optional(Duration('How long it waits.')),
  until: Type.Optional(
    Type.Union([Type.String({ minLength: 1 }), Type.Number()], {
      examples: ['2026-12-01T08:00:00Z'],
      description:
        'When it goes on: ISO 8601 (UTC where no zone stands there), RFC 2822, or seconds or milliseconds since 1970. At once when that has been.',
    }),
  ),
  signal: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_.:/-]{1,200}$',
      description: 'Goes on when this signal is sent to the run: `threadline runs signal RUN NAME`.',
    }),
  ),
  timeout: Type.Optional(Duration('How long a signal is waited for; without end when it is not given.')),
  on_timeout: Type.Optional(
    OneOf(['fail', 'continue'], { description: 'What happens when no signal has come by then.', default: 'fail' }),
  ),
});

const KINDS = ['for', 'until', 'signal'] as const;

/** Waits longer than a minute suspend the run, which resumes at the time, instead of occupying a process. */
export default defineProvider({
  description: 'Waits for some time, until a time, or for a signal.',
  orchestrates: true,
  config: Closed({}),
  params,
  examples: { for: '10m', until: '{{ alert.maintenance_ends }}', signal: 'deploy-done', timeout: '1h', on_timeout: 'continue' },
  check(given) {
    const problems: ParamsProblem[] = [];
    const kinds = KINDS.filter((kind) => given[kind] !== undefined);
    if (kinds.length !== 1) problems.push({ path: kinds.slice(1, 2), part: 'key', message: ONE_OF, hint: ONE_OF_HINT });
    if (typeof given.until === 'string' && !given.until.includes('{{') && momentOf(given.until) === undefined)
      problems.push({ path: ['until'], message: `\`${given.until}\` is no time`, hint: TIME_FORMS });
    return [...problems, ...straysOf(given)];
  },
  async run(given, { runtime: { memory, now, waitForSignal } }) {
    const { signal, on_timeout = 'fail' } = given;
    const beganMs = await beginning(memory, now());
    const untilMs = endOf(given, beganMs);
    const sent = await waitForSignal({
      ...(signal === undefined ? {} : { name: signal }),
      ...(untilMs === undefined ? {} : { untilMs }),
    });
    const isLate = signal !== undefined && sent === undefined;
    if (isLate && on_timeout === 'fail')
      throw new ThreadlineError('timeout', `No signal \`${signal}\` has come in time.`, {
        hint: 'Raise `timeout`, or let `on_timeout: continue` go on without it.',
        retryable: false,
      });
    // A run that resumes late has still waited only for this time.
    const endedMs = Math.min(now(), sent === undefined ? (untilMs ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY);
    return { waited_ms: Math.max(0, endedMs - beganMs), signal: sent ?? null, timed_out: isLate };
  },
});

const ONE_OF = 'one of `for`, `until` and `signal` is needed, and no more';
const ONE_OF_HINT = '`for: 10m`, `until: 2026-12-01T08:00:00Z`, or `signal: NAME`, which may have a `timeout`.';

const straysOf = (given: JsonObject): ParamsProblem[] =>
  (['timeout', 'on_timeout'] as const)
    .filter((key) => given[key] !== undefined && given.signal === undefined)
    .map((key) => ({ path: [key], part: 'key', message: `\`${key}\` is for \`signal\` only` }));

/** First start of the step, because a resumed run has been waiting since then. */
async function beginning(memory: Runtime['memory'], nowMs: number): Promise<number> {
  const known = await memory.recall('began');
  if (typeof known === 'number') return known;
  await memory.record('began', nowMs);
  return nowMs;
}

function endOf({ for: length, until, signal, timeout }: Static<typeof params>, beganMs: number): number | undefined {
  const lengthMs = signal === undefined ? length : timeout;
  if (lengthMs !== undefined) return beganMs + (durationMs(lengthMs) ?? 0);
  if (signal !== undefined) return undefined;
  const untilMs = momentOf(until);
  if (untilMs !== undefined) return untilMs;
  throw new ThreadlineError('invalid_params', until === undefined ? `${ONE_OF}.` : `\`${until}\` is no time.`, {
    hint: until === undefined ? ONE_OF_HINT : TIME_FORMS,
  });
}
