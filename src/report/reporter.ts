import type { RunEvent, RunReport } from '../plan/event.ts';

/** Shows a run to someone. Gets every event in order, then the report once. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  end?(report: RunReport): void;
}

export interface OutputStream {
  write(text: string): unknown;
}

export interface ReporterStreams {
  /** Takes the result only; under `github`, whose commands the runner reads from stdout, everything. */
  stdout: OutputStream;
  stderr: OutputStream & { isTTY?: boolean; columns?: number };
  color: boolean;
  /** -1: errors only. 1: debug logs, progress and each step's results too. */
  verbosity: -1 | 0 | 1;
  /** Redraws the running steps in place; needs a terminal on stderr. */
  live: boolean;
  /** `github` appends the run's markdown report to this file: `$GITHUB_STEP_SUMMARY`. */
  summaryFile?: string;
  /** `github` puts a step's annotation on this line of the workflow's file. */
  lineOfStep?(step: string): number | undefined;
}

export type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;
