import type { Frame } from '../plan/plan.ts';
import type { Mask } from '../shared/text/mask.ts';
import type { StubbedRun } from '../stubs/stubbed-run.ts';
import type { RunAlerts } from './run-alerts.ts';
import type { RunLimits } from './run-limits.ts';
import type { RunMemory } from './run-memory.ts';
import type { RunThreads } from './run-threads.ts';

/** What a workflow shares with those that it calls. */
export interface SharedRun {
  /** How many workflows are around this one. */
  depth: number;
  /** Provider calls in flight. */
  calls: Set<Promise<unknown>>;
  /** `concurrency` keys that the runs around this one hold. */
  heldKeys: ReadonlySet<string>;
  mask: Mask;
  memory: RunMemory;
  alerts: RunAlerts;
  threads: RunThreads;
  limits: RunLimits;
  /** Limits that the calls around this workflow count for. */
  heldLimits: ReadonlySet<string>;
  /** Pauses the timeouts around the workflow. */
  stopClock: Frame['stopClock'];
  /** What all of them have cost so far; null once something had no price. */
  spent: { usd: number | null };
  /** What stands in for providers, when something does. */
  stubbed: StubbedRun | undefined;
}
