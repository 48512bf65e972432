import type { Frame } from '../plan/plan.ts';
import type { Mask } from '../shared/text/mask.ts';
import type { StubbedRun } from '../stubs/stubbed-run.ts';
import type { RunAlerts } from './run-alerts.ts';
import type { RunLimits } from './run-limits.ts';
import type { RunMemory } from './run-memory.ts';
import type { RunThreads } from './run-threads.ts';

/** State that a workflow shares with the workflows that it calls. */
export interface SharedRun {
  /** Number of enclosing workflows. */
  depth: number;
  /** Provider calls in flight. */
  calls: Set<Promise<unknown>>;
  /** `concurrency` keys that the enclosing runs hold. */
  heldKeys: ReadonlySet<string>;
  mask: Mask;
  memory: RunMemory;
  alerts: RunAlerts;
  threads: RunThreads;
  limits: RunLimits;
  /** Limits that already count the calls around this workflow. */
  heldLimits: ReadonlySet<string>;
  /** Pauses the timeouts around the workflow. */
  stopClock: Frame['stopClock'];
  /** Cost of all these workflows so far; null once a price was unknown. */
  spent: { usd: number | null };
  /** Stubs that answer instead of providers. */
  stubbed: StubbedRun | undefined;
}
