/** Where functions find the world in a scope: a symbol, so that no template can read it. */
export const WORLD: unique symbol = Symbol('world');

/** What functions may ask of the world. */
export interface World {
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

/** The world of a scope; undefined where a scope was made without one. */
export const worldOf = (scope: object): World | undefined => (scope as { [WORLD]?: World })[WORLD];
