import type { JsonObject } from '../json/json.ts';
import { NumberOutOfRange } from '../json/number.ts';

/** The codes that Threadline itself fails with. `docs/reference/errors.md` has a row for each; a test compares the two. */
export const ERRORS = {
  // The workflow or the command line is wrong: exit code 2.
  invalid_workflow: { summary: 'The workflow file has mistakes.', exitCode: 2, retryable: false },
  invalid_input: { summary: 'An input is missing, has the wrong type, or is not declared.', exitCode: 2, retryable: false },
  invalid_usage: { summary: 'The command line is wrong.', exitCode: 2, retryable: false },
  file_not_found: { summary: 'A file that was named does not exist or cannot be read.', exitCode: 2, retryable: false },
  // The surroundings are wrong: exit code 3.
  invalid_config: {
    summary: 'threadline.config.yaml, an emulator rule file or a provider configuration is wrong.',
    exitCode: 3,
    retryable: false,
  },
  missing_credentials: { summary: 'A provider has no credentials.', exitCode: 3, retryable: false },
  provider_not_found: { summary: 'A step names a provider that is not installed.', exitCode: 3, retryable: false },
  // A step failed: exit code 1.
  missing_value: { summary: 'A template or an expression reads something that is not there.', exitCode: 1, retryable: false },
  expression_failed: {
    summary: 'An expression could not be computed from the values that it got.',
    exitCode: 1,
    retryable: false,
  },
  invalid_params: { summary: "The rendered parameters do not fit the provider's schema.", exitCode: 1, retryable: false },
  step_failed: { summary: 'The provider failed.', exitCode: 1, retryable: false },
  items_failed: { summary: 'At least one item of a foreach failed.', exitCode: 1, retryable: false },
  timeout: { summary: 'A step or the run took longer than it may.', exitCode: 1, retryable: true },
  cancelled: { summary: 'The run was cancelled.', exitCode: 130, retryable: false },
  // Errors of servers that providers call.
  connection_failed: {
    summary:
      'The server could not be reached, or the connection broke. Not tried again by itself where that could pay or do something twice.',
    exitCode: 1,
    retryable: true,
  },
  rate_limit: { summary: 'The server wants fewer requests.', exitCode: 1, retryable: true },
  quota_exceeded: { summary: 'The account has no quota or credit left.', exitCode: 1, retryable: false },
  server_error: { summary: 'The server failed.', exitCode: 1, retryable: true },
  bad_request: { summary: 'The server refused the request.', exitCode: 1, retryable: false },
  authentication_failed: { summary: 'The server refused the credentials.', exitCode: 3, retryable: false },
  not_found: { summary: 'The server does not have the requested object.', exitCode: 1, retryable: false },
  blocked_target: { summary: 'The URL leads to a private or local address.', exitCode: 1, retryable: false },
  response_too_large: { summary: 'The response is larger than allowed.', exitCode: 1, retryable: false },
  invalid_output: {
    summary: 'The answer is not the JSON that the step asks for.',
    exitCode: 1,
    retryable: false,
  },
  number_out_of_range: {
    summary: 'Data has a number beyond 1.8e308, which no number can hold.',
    exitCode: 1,
    retryable: false,
  },
  budget_exceeded: { summary: 'The next call could exceed the budget of the step or the run.', exitCode: 1, retryable: false },
  unsupported: { summary: 'The wire or the server cannot do what the step asks for.', exitCode: 1, retryable: false },
  thread_not_found: { summary: 'The conversation thread does not exist (any more).', exitCode: 1, retryable: false },
  thread_busy: { summary: 'Another run is writing to the same thread.', exitCode: 1, retryable: true },
  run_busy: { summary: 'Another run holds the same `concurrency` key.', exitCode: 1, retryable: true },
  lock_lost: {
    summary: 'The run lost its `concurrency` key to another run, because it had not renewed it in time.',
    exitCode: 1,
    retryable: false,
  },
  run_not_found: { summary: 'The history has no run with this id.', exitCode: 2, retryable: false },
  run_ended: { summary: 'The run has ended and cannot be resumed.', exitCode: 2, retryable: false },
  workflow_changed: {
    summary: 'The workflow was edited after the run began, so the run cannot be resumed.',
    exitCode: 2,
    retryable: false,
  },
  waiting: { summary: 'The run waits for a person, for a signal, or for a time.', exitCode: 4, retryable: false },
  rejected: { summary: 'A person answered no.', exitCode: 1, retryable: false },
  recursion_limit: { summary: 'Workflows call each other without end.', exitCode: 1, retryable: false },
  internal: { summary: 'This is a bug in Threadline. Please report it.', exitCode: 1, retryable: false },
} as const satisfies Record<string, { summary: string; exitCode: number; retryable: boolean }>;

/** A code of Threadline, or one of a provider's own, which the provider declares in its `errors`. */
export type ErrorCode = keyof typeof ERRORS | (string & {});

/** What to do about a bug of Threadline. The address is that of `bugs` in package.json; a test compares the two. */
export const REPORT_A_BUG =
  'Please report it, with what `-v` or `--format json` shows: https://github.com/threadline/threadline/issues';

/** How codes are spelled. */
export const CODE_PATTERN = '^[a-z][a-z0-9]*(_[a-z0-9]+)*$';

/** Defaults for a code; a provider's own code means a failed step that must not be retried. */
export function errorKind(code: ErrorCode): { exitCode: number; retryable: boolean } {
  const kinds: Readonly<Record<string, { exitCode: number; retryable: boolean }>> = ERRORS;
  return Object.hasOwn(kinds, code) && kinds[code] ? kinds[code] : { exitCode: 1, retryable: false };
}

export interface ThreadlineErrorOptions {
  /** A sentence of advice. */
  hint?: string;
  /** Facts for machines: thread_id, run_id, request_id, status … */
  details?: JsonObject;
  cause?: unknown;
  /** Set only if the failure differs from the default of its code. */
  retryable?: boolean;
  /** Stack of an unexpected failure that was stored or came from another process, so that its cause is not available. */
  trace?: string;
}

const MARK = Symbol.for('threadline.error');

/**
 * The only error that runs throw. `message` is a sentence: what failed, in which step. `instanceof` holds for errors of another
 * copy of this class, too: a provider's package may bring one.
 */
export class ThreadlineError extends Error {
  override readonly name = 'ThreadlineError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: JsonObject | undefined;
  readonly retryable: boolean;
  /** Stack of the cause, if that is not a ThreadlineError and therefore unexpected. */
  readonly trace: string | undefined;

  constructor(code: ErrorCode, message: string, options: ThreadlineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? (code === 'internal' ? REPORT_A_BUG : undefined);
    this.details = options.details;
    this.retryable = options.retryable ?? errorKind(code).retryable;
    this.trace = options.trace;
    Object.defineProperty(this, MARK, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}

/** An error as events, reports and `steps.X.error` show it. */
export interface ErrorReport {
  code: string;
  message: string;
  hint: string | null;
  details?: JsonObject;
  /** Place in the code that threw an unexpected failure. */
  stack?: string;
}

export function reportOf(error: ThreadlineError): ErrorReport {
  const report: ErrorReport = { code: error.code, message: error.message, hint: error.hint ?? null };
  if (error.details) report.details = error.details;
  if (error.trace) report.stack = error.trace;
  return report;
}

/** A report as an error again. */
export function fromReport({ code, message, hint, details, stack }: ErrorReport): ThreadlineError {
  return new ThreadlineError(code, message, {
    ...(hint ? { hint } : {}),
    ...(details ? { details } : {}),
    ...(stack ? { trace: stack } : {}),
  });
}

/** Codes of failures that code without error handling throws. */
const UNEXPECTED_CODES: readonly ErrorCode[] = ['step_failed', 'internal'];

/** Wraps whatever was thrown; a ThreadlineError stays as it is. */
export function toThreadlineError(thrown: unknown, code: ErrorCode = 'step_failed'): ThreadlineError {
  if (thrown instanceof ThreadlineError) return thrown;
  if (thrown instanceof NumberOutOfRange)
    return new ThreadlineError('number_out_of_range', thrown.message, { hint: 'Send it as text.', cause: thrown });
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const trace = thrown instanceof Error && UNEXPECTED_CODES.includes(code) ? thrown.stack : undefined;
  return new ThreadlineError(code, message, { cause: thrown, ...(trace ? { trace } : {}) });
}
