import { type Finding, ThreadlineError, toThreadlineError } from 'threadline/provider';

type More = Partial<Pick<Finding, 'hint' | 'details' | 'steps'>>;

export const ok = (check: string, message: string, more: More = {}): Finding => ({ check, status: 'ok', message, ...more });

export const skipped = (check: string, message: string, more: More = {}): Finding => ({
  check,
  status: 'skipped',
  message,
  ...more,
});

export const warning = (check: string, message: string, more: More = {}): Finding => ({
  check,
  status: 'warning',
  message,
  ...more,
});

/** A finding about a failure that a run would have, too. */
export function problem(check: string, error: ThreadlineError, more: More = {}): Finding {
  const { code, message, hint, details } = error;
  return {
    check,
    status: 'problem',
    code,
    message: brief(message),
    ...(hint ? { hint } : {}),
    ...(details ? { details } : {}),
    ...more,
  };
}

export const wrongConfig = (message: string, hint: string): ThreadlineError =>
  new ThreadlineError('invalid_config', message, { hint });

/** Resolves with the failure instead of rejecting with it, unless the signal aborts. */
export async function orFailure<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | ThreadlineError> {
  try {
    return await work;
  } catch (thrown) {
    signal.throwIfAborted();
    return toThreadlineError(thrown, 'internal');
  }
}

const LONGEST = 400;

/** Makes a message one line, and cuts it: some servers answer with whole pages. */
const brief = (message: string): string => {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line;
};
