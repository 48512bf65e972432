import type { RunEvent, RunReport } from '../plan/event.ts';

/** Shows a run. Gets every event in order, then the report once. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  end?(report: RunReport): void;
}

export interface OutputStream {
  write(text: string): unknown;
}

export interface ReporterStreams {
  /** Gets only the result; under `github`, everything, because the runner reads commands from stdout. */
  stdout: OutputStream;
  stderr: OutputStream & { isTTY?: boolean; columns?: number };
  color: boolean;
  /** -1: only errors. 1: also debug logs, progress and the results of each step. */
  verbosity: -1 | 0 | 1;
  /** Redraws the running steps in place; needs a terminal on stderr. */
  live: boolean;
  /** `github` appends the run's markdown report to this file: `$GITHUB_STEP_SUMMARY`. */
  summaryFile?: string;
  /** `github` puts a step's annotation on this line of the workflow's file. */
  lineOfStep?(step: string): number | undefined;
}

export type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;
