import { setTimeout as sleep } from 'node:timers/promises';
import {
  Closed,
  Duration,
  defineProvider,
  durationMs,
  ErrorCodeName,
  LONGEST_TIMER_MS,
  ThreadlineError,
  Type,
  toJson,
  toThreadlineError,
} from 'threadline/provider';

const Failure = Closed(
  {
    message: Type.String({ minLength: 1, description: 'What the error says.' }),
    code: Type.Optional(
      ErrorCodeName({ description: "What kind of error it is: Threadline's code, or a provider's own.", default: 'step_failed' }),
    ),
    retryable: Type.Optional(Type.Boolean({ description: 'Whether `retry` tries again. Default: what the code usually means.' })),
  },
  { description: 'Fails the step with this error instead of returning something.' },
);

async function wait(delay: string | number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(Math.min(durationMs(delay) ?? 0, LONGEST_TIMER_MS), undefined, { signal });
  } catch {
    throw toThreadlineError(signal.reason, 'cancelled');
  }
}

/** Placeholder for a step that does not exist yet: returns the given results. */
export default defineProvider({
  description: 'Returns what it is given, waits or fails: a stand-in for another step.',
  isLocal: () => true,
  // Keep's examples give them credentials, which they have no use for.
  config: Type.Object({}, { additionalProperties: true }),
  params: Type.Object(
    {
      output: Type.Optional(Type.Unknown({ description: 'The result. Without it, all the other parameters are the result.' })),
      command_output: Type.Optional(Type.Unknown({ description: "Keep's name for `output`." })),
      delay: Type.Optional(Duration('How long it takes.')),
      error: Type.Optional(Failure),
    },
    { additionalProperties: true },
  ),
  async run(params, { signal }) {
    const { delay, error, ...others } = params;
    if (delay !== undefined) await wait(delay, signal);
    if (error) {
      const { message, code = 'step_failed', retryable } = error;
      throw new ThreadlineError(code, message, retryable === undefined ? {} : { retryable });
    }
    for (const key of ['output', 'command_output'] as const) if (key in others) return toJson(others[key]);
    return toJson(others);
  },
});
