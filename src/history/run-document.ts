import type { ItemReport, RunReport, RunStatus, StepReport, Usage } from '../plan/event.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

/** A `running` run without a process counts as `interrupted`. */
export type HistoryStatus = RunStatus | 'running' | 'interrupted';

export const HISTORY_STATUSES = [
  'running',
  'waiting',
  'interrupted',
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly HistoryStatus[];

/** An entry of a list of runs. Times are ISO 8601. */
export interface RunSummary {
  id: string;
  workflow: string;
  file: string;
  status: HistoryStatus;
  started_at: string;
  /** Null until it has ended. */
  duration_ms: number | null;
  offline: boolean;
  usage: Usage;
  error: ErrorReport | null;
  rerun_of: string | null;
  /** Names of the signals that a waiting run waits for. */
  waits_for: string[];
  /** Time at which a waiting run resumes by itself. */
  wake_at: string | null;
}

/** A function that an assistant called, within a step. */
export interface ToolCallDocument {
  tool: string;
  call_id: string;
  item?: number;
  arguments: Json;
  output: Json;
  error: string | null;
  /** Null for a running or interrupted run. */
  duration_ms: number | null;
}

export interface FailedAttemptDocument {
  attempt: number;
  item?: number;
  error: ErrorReport;
  /** How long until the next one. */
  delay_ms: number;
}

/** Facts about a step that has begun, ended or not. */
export interface StepRecord {
  provider: string | null;
  /** Null for one that was skipped. */
  started_at: string | null;
  tool_calls: ToolCallDocument[];
  attempts_failed: FailedAttemptDocument[];
  /** Usage of the step and its nested steps; null if nothing was metered. */
  usage: Usage | null;
}

export interface StepDocument extends StepReport, StepRecord {
  /** Parameters of the provider call, for items those of the last; null if unknown. */
  inputs: Json;
  /** The step failed under `continue-on-error`. */
  tolerated: boolean;
  /** Why it was skipped. */
  reason: string | null;
  items?: (ItemReport & { duration_ms: number | null })[];
}

/** A run as the history has it: the report of `run --format json`, and more. */
export interface RunDocument extends Omit<RunReport, 'run' | 'steps'> {
  run: Omit<RunReport['run'], 'status'> & { status: HistoryStatus; file: string };
  /** In the order in which they started. */
  steps: Record<string, StepDocument>;
  /** Steps that have started and not ended. */
  under_way: Record<string, StepRecord>;
  request: { inputs: JsonObject; alert?: JsonObject; incident?: JsonObject };
  rerun_of: string | null;
  waits_for: string[];
  wake_at: string | null;
}

/** A difference between two runs; without `before` or `after`, the value is absent in that run. */
export interface Difference {
  /** `steps.triage.results.severity`. */
  path: string;
  before?: Json;
  after?: Json;
}

/** The differences between two runs. Durations and usage alone do not make runs different. */
export interface RunComparison {
  before: RunSummary;
  after: RunSummary;
  isSame: boolean;
  /** Unified diff of the workflow's text; null if it is unchanged. */
  sources: string | null;
  differences: Difference[];
  /** Ids and times that differ in the results, which does not make the runs different. */
  incidental: Difference[];
  /** Differing durations and usage. */
  figures: Difference[];
}
