import type { RunStore } from '../../journal/run-store.ts';
import type { Settings } from '../../run/settings.ts';
import type { Logger } from '../../shared/log/logger.ts';
import { durationMs } from '../../shared/time/duration.ts';

const DAY_MS = 86_400_000;

/** Deletes data older than the settings allow, at most once a day. Without such settings, nothing is deleted. */
export function keepToRetention(store: RunStore, { journal }: Settings, nowMs: number, log?: Logger): void {
  const keptMs = journal?.keep === undefined ? undefined : durationMs(journal.keep);
  if (keptMs === undefined || nowMs - (store.prunedAtMs() ?? 0) < DAY_MS) return;
  try {
    store.prune(nowMs - keptMs);
  } catch (thrown) {
    // The run has ended as it has; tomorrow is another day.
    const message = `old runs were not forgotten: ${(thrown as Error).message}`;
    if (log) log.warn(message);
    else process.stderr.write(`warning: ${message}\n`);
  }
}
