import type { RunEvent, RunReport, StepReport } from '../plan/event.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';

/** Facts for report files that the report lacks, collected from the events; empty without them. */
export class RunDetails {
  private readonly tolerated = new Set<string>();
  private readonly reasons = new Map<string, string>();
  private readonly itemDurations = new Map<string, Map<number, number>>();

  static of(events: Iterable<RunEvent>): RunDetails {
    const details = new RunDetails();
    for (const event of events) details.note(event);
    return details;
  }

  note(event: RunEvent): void {
    if (event.type === 'item-ended') {
      const durations = this.itemDurations.get(event.step) ?? new Map<number, number>();
      this.itemDurations.set(event.step, durations.set(event.item, event.duration_ms));
    }
    if (event.type !== 'step-ended') return;
    if (event.tolerated) this.tolerated.add(event.step);
    if (event.reason !== null) this.reasons.set(event.step, event.reason);
  }

  /** Even without events: in a run that succeeded, every failure was tolerated. */
  isTolerated(name: string, step: StepReport, report: RunReport): boolean {
    return step.status === 'failed' && (report.run.status === 'succeeded' || this.tolerated.has(name));
  }

  reasonOf(step: string): string | undefined {
    return this.reasons.get(step);
  }

  itemDurationMs(step: string, item: number): number | undefined {
    return this.itemDurations.get(step)?.get(item);
  }
}

/** The run's error, unless it repeats a step's: `Step X failed: …`. */
export function errorBeyondSteps({ error, steps }: Pick<RunReport, 'error' | 'steps'>): ErrorReport | null {
  if (error === null) return null;
  const isRepeated = Object.values(steps).some(
    (step) => step.error?.code === error.code && error.message.endsWith(step.error.message),
  );
  return isRepeated ? null : error;
}
