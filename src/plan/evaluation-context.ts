import type { AlertSeverity } from './severity.ts';

/** A symbol, so that no template can read the evaluation context out of its scope. */
export const EVALUATION_CONTEXT: unique symbol = Symbol('evaluation context');

/** State that template functions may read besides their arguments. */
export interface EvaluationContext {
  /** Milliseconds since the Unix epoch; absent where there is no clock. */
  now?(): number;
  /** The stored history of alerts, if there is a store. */
  alerts?: AlertFacts;
  /** How an alert's severity that is not known is ordered; default: `UNKNOWN_SEVERITY`. */
  unknownSeverity?: AlertSeverity;
}

export interface AlertFacts {
  /** Start of the alert's current firing, ms since the Unix epoch; undefined when the alert is unknown or not firing. */
  firingSince(fingerprint: string): number | undefined;
  /** Receipt of the second-latest firing event, ms since the Unix epoch; undefined when there was none. */
  previousFiring(fingerprint: string): number | undefined;
}

export const evaluationContextOf = (scope: object): EvaluationContext | undefined =>
  (scope as { [EVALUATION_CONTEXT]?: EvaluationContext })[EVALUATION_CONTEXT];
