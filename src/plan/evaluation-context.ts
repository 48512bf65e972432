/** Where functions find the evaluation context in a scope: a symbol, so that no template can read it. */
export const EVALUATION_CONTEXT: unique symbol = Symbol('evaluation context');

/** What functions may ask beyond their arguments. */
export interface EvaluationContext {
  /** Milliseconds since 1970. */
  now(): number;
  /** The stored history of alerts; absent where there is none. */
  alerts?: AlertFacts;
}

export interface AlertFacts {
  /** When the alert's present firing began, ms since 1970; undefined when it is not firing or not known. */
  firingSince(fingerprint: string): number | undefined;
  /** When the firing event before the latest one was received, ms; undefined when there was none. */
  previousFiring(fingerprint: string): number | undefined;
}

/** The evaluation context of a scope; undefined where a scope was made without one. */
export const evaluationContextOf = (scope: object): EvaluationContext | undefined =>
  (scope as { [EVALUATION_CONTEXT]?: EvaluationContext })[EVALUATION_CONTEXT];
