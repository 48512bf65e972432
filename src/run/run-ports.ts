import type { EnginePorts } from '../engine/ports.ts';
import type { Journal } from '../journal/journal.ts';
import { asData, fromData } from '../journal/outcome.ts';
import type { AlertPort } from '../plan/plan.ts';
import { callOnce, type OnceHost } from '../provider/call.ts';
import type { Json } from '../shared/json/json.ts';
import type { RunMemory } from './run-memory.ts';

type Given = Pick<EnginePorts, 'emit' | 'alerts' | 'signal' | 'stopClock'> & Pick<OnceHost, 'call' | 'registry'>;

/** The engine's ports, with the journal between: what has been done before answers from it. */
export function journalledPorts(
  { journal, steps, parked }: RunMemory,
  { call, registry, emit, alerts, signal, stopClock }: Given,
): EnginePorts {
  return {
    call: (one) => callOnce(one, { journal, registry, call }),
    emit,
    alerts: journalledAlerts(alerts, journal, signal),
    memory: steps,
    parked,
    stopClock,
    now: () => journal.now(),
    random: () => journal.random(),
    sleep: (path, delayMs, until) => journal.sleep(path, delayMs, until),
    timer: (path, delayMs, onEnd) => journal.timer(path, delayMs, onEnd),
    signal,
  };
}

function journalledAlerts(alerts: AlertPort, journal: Journal, signal: AbortSignal): AlertPort {
  const once = (path: string, work: () => Promise<Json>) => journal.run(path, () => asData(work, signal)).then(fromData);
  return {
    async enrich(target, enrichment) {
      await once(`${enrichment.by}.enrich-${target.kind}`, () => alerts.enrich(target, enrichment).then(() => null));
    },
    hasRunSinceFiring: async (path, action, fingerprint) =>
      (await once(`${path}.throttle`, () => alerts.hasRunSinceFiring(path, action, fingerprint))) === true,
    // Noted twice is noted once.
    noteRun: (action, fingerprint) => journal.during(`${action}.throttle`, () => alerts.noteRun(action, fingerprint)),
  };
}
