/** 24 days: a timer of Node that is set to more fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls `onEnd` when the time is over, however long. Returns what stops it. */
export function startTimer(delayMs: number, onEnd: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number) => {
    const isLast = leftMs <= LONGEST_TIMER_MS;
    timer = isLast ? setTimeout(onEnd, leftMs) : setTimeout(wait, LONGEST_TIMER_MS, leftMs - LONGEST_TIMER_MS);
  };
  wait(Math.max(0, delayMs));
  return () => clearTimeout(timer);
}
