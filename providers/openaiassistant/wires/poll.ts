import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 250;
const GROWTH = 1.5;

interface Polling<State> {
  hasEnded(state: State): boolean;
  /** Asks the server for the present state. */
  look(): Promise<State>;
  /** Pauses grow up to this length. */
  longestPauseMs: number;
  signal: AbortSignal;
}

/** Polls something that runs at the server until it has ended. Rejects with the signal's reason. */
export async function pollUntilEnded<State>(first: State, polling: Polling<State>): Promise<State> {
  const { hasEnded, look, longestPauseMs, signal } = polling;
  let state = first;
  for (let pauseMs = FIRST_PAUSE_MS; !hasEnded(state); pauseMs = Math.min(pauseMs * GROWTH, longestPauseMs)) {
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    state = await look();
  }
  return state;
}
