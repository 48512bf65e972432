import type { ErrorReport } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

export interface Question {
  message: string;
  /** People who may answer; anybody may when the list is absent. */
  approvers?: string[];
  /** Facts for the decision, shown with the question. */
  details?: JsonObject;
}

/** `waiting` and `interrupted` runs can resume. */
export type RunStatus = 'succeeded' | 'failed' | 'cancelled' | 'waiting' | 'interrupted';
export type StepStatus = 'succeeded' | 'failed' | 'skipped';

/** Tokens used and their cost. Null, never 0, is what is not known: tokens that a server does not tell, a model without a price. */
export interface Usage {
  prompt_tokens: number | null;
  completion_tokens: number | null;
  total_tokens: number | null;
  cost_usd: number | null;
}

export interface ItemReport {
  status: StepStatus;
  results: Json;
  error: ErrorReport | null;
}

/** An event that a provider reports during a call. The engine adds `step` and `at`. */
export type ProviderEvent =
  | { type: 'text-delta'; text: string }
  | { type: 'tool-started'; call_id: string; tool: string; arguments: Json }
  | { type: 'tool-ended'; call_id: string; tool: string; output: Json; error: string | null; duration_ms: number }
  /** Adds to the run's usage. */
  | { type: 'usage'; usage: Usage }
  /** The provider waits for a signal, for a time (ISO 8601), or for either. A person's answer to `question` counts as the signal. */
  | { type: 'wait-started'; signal: string | null; until: string | null; question?: Question }
  | { type: 'wait-ended'; signal: string | null }
  /** A change of state in the remote service: thread created, run queued, attempt repeated … */
  | { type: 'progress'; message: string; details?: JsonObject }
  | { type: 'log'; level: 'debug' | 'info' | 'warning' | 'error'; message: string; details?: JsonObject };

/** Source of a provider's event: the step, and the item's index when the step runs once for each item. */
export interface EventOrigin {
  step: string;
  item?: number;
}

/**
 * Everything that a run reports, in order; reporters read nothing else. `at` is an ISO 8601 time.
 * Secrets are masked before an event leaves the engine.
 */
export type RunEvent = { at: string } & (
  | { type: 'run-started'; run_id: string; workflow: string; file: string; offline: boolean; steps: string[] }
  /** Emitted before the start while another run, `holder`, has the same `concurrency` key. */
  | { type: 'run-waiting'; run_id: string; workflow: string; key: string; holder: string }
  | { type: 'step-started'; step: string; provider: string }
  | { type: 'attempt-failed'; step: string; item?: number; attempt: number; error: ErrorReport; delay_ms: number }
  /** A provider or its stub was called. Emitted only in runs with stubs and in dry runs. */
  | (EventOrigin & { type: 'provider-called'; tool?: string } & CallFacts)
  | { type: 'enriched'; step: string; item?: number; target: 'alert' | 'incident'; id: string; fields: JsonObject }
  | ({ type: 'item-ended'; step: string; item: number; duration_ms: number } & ItemReport)
  | {
      type: 'step-ended';
      step: string;
      status: StepStatus;
      results: Json;
      error: ErrorReport | null;
      /** The step failed under `continue-on-error`, so the run continues and does not fail because of it. */
      tolerated: boolean;
      /** Explains, for people, why the step was skipped. */
      reason: string | null;
      attempts: number;
      duration_ms: number;
      items?: ItemReport[];
    }
  | (EventOrigin & ProviderEvent)
  | {
      type: 'run-ended';
      run_id: string;
      status: RunStatus;
      outputs: JsonObject;
      error: ErrorReport | null;
      duration_ms: number;
    }
);

/** One call of a provider: what it was asked, and what it or its stub answered. */
export interface CallFacts {
  provider: string;
  params: JsonObject;
  /** A stub answered; the provider was not called. */
  stubbed: boolean;
  results?: Json;
  error?: ErrorReport;
}

export interface CallReport extends CallFacts {
  /** Name of the step, or `triage/recent_deploys` for a function tool of step `triage`. */
  step: string;
  item?: number;
}

export interface StepReport {
  status: StepStatus;
  results: Json;
  error: ErrorReport | null;
  attempts: number;
  duration_ms: number;
  items?: ItemReport[];
}

export interface WaitReport {
  step: string;
  item?: number;
  /** Name of the signal that ends the wait; null when only time ends it. */
  signal: string | null;
  /** ISO 8601; null when the wait has no time limit. */
  until: string | null;
  /** Asked of a person, whose answer ends the wait. */
  question?: Question;
}

export interface EnrichmentReport {
  step: string;
  item?: number;
  target: 'alert' | 'incident';
  id: string;
  fields: JsonObject;
}

/** The JSON that `run --format json` prints. */
export interface RunReport {
  run: { id: string; workflow: string; status: RunStatus; started_at: string; duration_ms: number; offline: boolean };
  steps: Record<string, StepReport>;
  outputs: JsonObject;
  /** Fields written on alerts and incidents, in order; absent when there are none. */
  enrichments?: EnrichmentReport[];
  usage: Usage;
  error: ErrorReport | null;
  /** Present only while the run waits. */
  waits?: WaitReport[];
  /** Provider calls in the order of their responses; present only in runs with stubs and in dry runs. */
  calls?: CallReport[];
}
