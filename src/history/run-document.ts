import type { ItemReport, RunReport, RunStatus, StepReport, Usage } from '../plan/event.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

/** `running` with nobody who runs it is `interrupted`. */
export type HistoryStatus = RunStatus | 'running' | 'interrupted';

export const HISTORY_STATUSES = [
  'running',
  'waiting',
  'interrupted',
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly HistoryStatus[];

/** What a list of runs says of one. Times are ISO 8601. */
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
  /** When a waiting run has to go on by itself. */
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
  /** Null while it is under way, and of one that was cut short. */
  duration_ms: number | null;
}

export interface FailedAttemptDocument {
  attempt: number;
  item?: number;
  error: ErrorReport;
  /** How long until the next one. */
  delay_ms: number;
}

/** What is known of a step, whether it has ended or not. */
export interface StepFacts {
  provider: string | null;
  /** Null for one that was skipped. */
  started_at: string | null;
  tool_calls: ToolCallDocument[];
  attempts_failed: FailedAttemptDocument[];
  /** With what ran within it; null when nothing of it was metered. */
  usage: Usage | null;
}

export interface StepDocument extends StepReport, StepFacts {
  /** What its provider was called with, of the last item where there are several; null when it is not known. */
  inputs: Json;
  /** It failed, and was allowed to. */
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
  under_way: Record<string, StepFacts>;
  /** What it was started with. */
  request: { inputs: JsonObject; alert?: JsonObject; incident?: JsonObject };
  rerun_of: string | null;
  waits_for: string[];
  wake_at: string | null;
}

/** Something that two runs do not have in common; absent in one of them where it has no `before` or no `after`. */
export interface Difference {
  /** `steps.triage.results.severity`. */
  path: string;
  before?: Json;
  after?: Json;
}

/** How two runs differ, and how long they took: that alone does not make them different. */
export interface RunComparison {
  before: RunSummary;
  after: RunSummary;
  isSame: boolean;
  /** Of the workflow's text, in unified form; null when it is the same. */
  sources: string | null;
  differences: Difference[];
  /** Ids and times in what came out: they make no difference. */
  incidental: Difference[];
  /** Durations and usage, where they differ. */
  figures: Difference[];
}
