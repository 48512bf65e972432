import type { ErrorReport } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

/** What a person is asked. */
export interface Question {
  message: string;
  /** Who may answer; anybody where nobody is named. */
  approvers?: string[];
  /** What helps to decide, shown with the question. */
  details?: JsonObject;
}

/** `waiting` and `interrupted` runs can go on. */
export type RunStatus = 'succeeded' | 'failed' | 'cancelled' | 'waiting' | 'interrupted';
export type StepStatus = 'succeeded' | 'failed' | 'skipped';

/** Tokens and money of what a step asked for. `cost_usd` is null when the price is not known: never 0. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  cost_usd: number | null;
}

export interface ItemReport {
  status: StepStatus;
  results: Json;
  error: ErrorReport | null;
}

/** What a provider says while it works. `step` and `at` are added by the engine. */
export type ProviderEvent =
  /** A piece of streamed text. */
  | { type: 'text-delta'; text: string }
  | { type: 'tool-started'; call_id: string; tool: string; arguments: Json }
  | { type: 'tool-ended'; call_id: string; tool: string; output: Json; error: string | null; duration_ms: number }
  /** Adds to the run's usage. */
  | { type: 'usage'; usage: Usage }
  /** It waits: for a signal, which a person may send as the answer to a question, for a time (ISO 8601), or for either. */
  | { type: 'wait-started'; signal: string | null; until: string | null; question?: Question }
  | { type: 'wait-ended'; signal: string | null }
  /** A change of state on the other side: thread created, run queued, attempt repeated … */
  | { type: 'progress'; message: string; details?: JsonObject }
  | { type: 'log'; level: 'debug' | 'info' | 'warning' | 'error'; message: string; details?: JsonObject };

/** Where a provider's event comes from: the step, and the item's index when it runs under foreach. */
export interface EventOrigin {
  step: string;
  item?: number;
}

/**
 * Everything that a run says of itself, in order; reporters live from nothing else. `at` is ISO 8601 time.
 * Secrets are masked before an event leaves the engine.
 */
export type RunEvent = { at: string } & (
  | { type: 'run-started'; run_id: string; workflow: string; file: string; offline: boolean; steps: string[] }
  /** Before a run starts: another one, `holder`, has its `concurrency` key. */
  | { type: 'run-waiting'; run_id: string; workflow: string; key: string; holder: string }
  | { type: 'step-started'; step: string; provider: string }
  | { type: 'attempt-failed'; step: string; item?: number; attempt: number; error: ErrorReport; delay_ms: number }
  /** A provider was called, or a stub in its place. Said in runs with stubs, and in dry runs, only. */
  | (EventOrigin & { type: 'provider-called'; tool?: string } & CallFacts)
  /** Fields were written on an alert or incident. */
  | { type: 'enriched'; step: string; item?: number; target: 'alert' | 'incident'; id: string; fields: JsonObject }
  | ({ type: 'item-ended'; step: string; item: number; duration_ms: number } & ItemReport)
  | {
      type: 'step-ended';
      step: string;
      status: StepStatus;
      results: Json;
      error: ErrorReport | null;
      /** The failure was allowed by continue-on-error: the run goes on and does not fail by it. */
      tolerated: boolean;
      /** Why a step was skipped, in words. */
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
interface CallFacts {
  provider: string;
  params: JsonObject;
  /** Nothing real was called. */
  stubbed: boolean;
  results?: Json;
  error?: ErrorReport;
}

export interface CallReport extends CallFacts {
  /** The step; `triage/recent_deploys` for a function of one. */
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

/** What a step waits for. */
export interface WaitReport {
  step: string;
  item?: number;
  /** The name of the signal that ends it; null for a time only. */
  signal: string | null;
  /** ISO 8601; null where it waits for as long as it takes. */
  until: string | null;
  /** What a person is asked, who ends it by an answer. */
  question?: Question;
}

interface EnrichmentReport {
  step: string;
  item?: number;
  target: 'alert' | 'incident';
  id: string;
  fields: JsonObject;
}

/** The document of `run --format json`. */
export interface RunReport {
  run: { id: string; workflow: string; status: RunStatus; started_at: string; duration_ms: number; offline: boolean };
  steps: Record<string, StepReport>;
  outputs: JsonObject;
  /** Fields that were written on alerts and incidents, in order; absent when none were. */
  enrichments?: EnrichmentReport[];
  usage: Usage;
  error: ErrorReport | null;
  /** What the run waits for; absent where it does not wait. */
  waits?: WaitReport[];
  /** All calls, in the order in which they were answered. There in runs with stubs, and in dry runs, only. */
  calls?: CallReport[];
}
