import type { JsonObject } from '../json/json.ts';

/** What every failure of a run can be. `docs/errors.md` has one row per code; a test compares the two. */
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
  // What providers that talk to a server can meet.
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
  not_found: { summary: 'The server does not know what was asked for.', exitCode: 1, retryable: false },
  blocked_target: { summary: 'The URL leads to a private or local address.', exitCode: 1, retryable: false },
  response_too_large: { summary: 'The answer is larger than allowed.', exitCode: 1, retryable: false },
  // What an assistant can do instead of answering.
  invalid_output: {
    summary: 'JSON was asked for and the answer is not the JSON that was asked for.',
    exitCode: 1,
    retryable: false,
  },
  empty_output: { summary: 'The model answered with nothing.', exitCode: 1, retryable: false },
  refused: { summary: 'The model refused to answer.', exitCode: 1, retryable: false },
  incomplete: { summary: 'The answer was cut off.', exitCode: 1, retryable: false },
  run_failed: { summary: 'The server ended the run without an answer.', exitCode: 1, retryable: false },
  too_many_tool_rounds: { summary: 'The model kept calling functions.', exitCode: 1, retryable: false },
  budget_exceeded: { summary: 'The next call could cost more than the step or the run may.', exitCode: 1, retryable: false },
  unsupported: { summary: 'The wire or the server cannot do what the step asks for.', exitCode: 1, retryable: false },
  thread_not_found: { summary: 'The conversation thread does not exist (any more).', exitCode: 1, retryable: false },
  thread_busy: { summary: 'Another run is writing to the same thread.', exitCode: 1, retryable: true },
  run_busy: { summary: 'Another run holds the same `concurrency` key.', exitCode: 1, retryable: true },
  lock_lost: {
    summary: 'A run was not heard of for so long that another one took its `concurrency` key.',
    exitCode: 1,
    retryable: false,
  },
  run_not_found: { summary: 'The history has no run of that id.', exitCode: 2, retryable: false },
  run_ended: { summary: 'The run has ended: there is nothing to go on with.', exitCode: 2, retryable: false },
  workflow_changed: {
    summary: 'The workflow was edited since the run began, which could not go on as it was.',
    exitCode: 2,
    retryable: false,
  },
  waiting: { summary: 'The run waits for a person, for a signal, or for a time.', exitCode: 4, retryable: false },
  rejected: { summary: 'A person was asked, and said no.', exitCode: 1, retryable: false },
  recursion_limit: { summary: 'Workflows call each other without end.', exitCode: 1, retryable: false },
  internal: { summary: 'Threadline itself is wrong here. Please report it.', exitCode: 1, retryable: false },
} as const satisfies Record<string, { summary: string; exitCode: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorOptions {
  /** What to do about it, one sentence. */
  hint?: string;
  /** Facts for machines: thread_id, run_id, request_id, status … */
  details?: JsonObject;
  cause?: unknown;
  /** Only where this failure differs from what its code usually means. */
  retryable?: boolean;
}

/** The one error that runs throw. `message` is a sentence: what failed, in which step. */
export class ThreadlineError extends Error {
  override readonly name = 'ThreadlineError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: JsonObject | undefined;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
    this.retryable = options.retryable ?? ERRORS[code].retryable;
  }
}

/** An error as events, reports and `steps.X.error` show it. */
export interface ErrorReport {
  code: string;
  message: string;
  hint: string | null;
  details?: JsonObject;
}

export function reportOf(error: ThreadlineError): ErrorReport {
  const report: ErrorReport = { code: error.code, message: error.message, hint: error.hint ?? null };
  if (error.details) report.details = error.details;
  return report;
}

/** Wraps whatever was thrown; a ThreadlineError stays as it is. */
export function toThreadlineError(thrown: unknown, code: ErrorCode = 'step_failed'): ThreadlineError {
  if (thrown instanceof ThreadlineError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ThreadlineError(code, message, { cause: thrown });
}
