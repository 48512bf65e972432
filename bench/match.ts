import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadWorkflow, matchAll, openRegistry, type Plan } from 'threadline';
import { type Measured, median, ratio } from './measure.ts';

const ALERT = {
  ...{
    id: 'a-1',
    fingerprint: 'f-1',
    name: 'disk full on web-17',
    status: 'firing',
    severity: 'critical',
    environment: 'production',
  },
  ...{
    source: ['prometheus', 'k8s'],
    service: 'service-17',
    lastReceived: '2026-11-21T09:00:00Z',
    url: 'https://example.com/a-1',
  },
  labels: { team: 'team-17', region: 'eu-1', instance: 'web-17', metadata: { zone: 'a' } },
  metrics: { disk: 97, cpu: 12 },
};

/** No two are alike, and the text that they ask for is not among the first characters of the alert. */
const workflow = (index: number) => `workflow:
  id: w${index}
  triggers:
    - type: alert
      cel: >-
        severity >= "warning" && source == "prometheus" && (labels.team == "team-${index}" ||
        name.contains("web-${index} ")) && metrics.disk > ${index % 100}
  steps:
    - { name: a, provider: { type: mock } }
`;

async function loadMany(count: number): Promise<Plan[]> {
  const registry = openRegistry();
  const file = join(mkdtempSync(join(tmpdir(), 'threadline-bench-')), 'workflow.yml');
  const plans: Plan[] = [];
  for (let index = 0; index < count; index++) {
    writeFileSync(file, workflow(index));
    const { plan, diagnostics } = await loadWorkflow(file, registry);
    if (!plan) throw new Error(JSON.stringify(diagnostics));
    plans.push(plan);
  }
  return plans;
}

/** The same question in JavaScript, for each workflow anew: what no matching can be faster than. */
function matchByHand(count: number): number {
  let matched = 0;
  for (let index = 0; index < count; index++) {
    const { severity, source, labels, name, metrics } = ALERT;
    const isSevere = ['warning', 'high', 'critical'].includes(severity);
    const isMeant = labels.team === `team-${index}` || name.includes(`web-${index} `);
    if (isSevere && source.includes('prometheus') && isMeant && metrics.disk > index % 100) matched++;
  }
  return matched;
}

/** Milliseconds of a piece of work, the median of several. Reading the alert is part of it, since each one comes as text. */
function time(work: (alert: typeof ALERT) => number): number {
  const text = JSON.stringify(ALERT);
  const taken: number[] = [];
  for (let round = 0; round < 41; round++) {
    const startedAt = performance.now();
    const matched = work(JSON.parse(text));
    taken.push(performance.now() - startedAt);
    if (matched !== 1) throw new Error(`${matched} workflows matched`);
  }
  return median(taken);
}

/** One alert against many workflows: the triggers are compiled once, and each costs the same however many there are. */
export async function matchMany(): Promise<Measured[]> {
  const plans = await loadMany(4000);
  const perWorkflow = (count: number) => {
    const some = plans.slice(0, count);
    return (time((alert) => matchAll(some, { alert }).matched.length) * 1000) / count;
  };
  perWorkflow(4000);
  const [few, some, many] = [perWorkflow(100), perWorkflow(1000), perWorkflow(4000)];
  const byHand = (time(() => matchByHand(1000)) * 1000) / 1000;
  return [
    { what: 'an alert against one of 1,000 workflows', value: `${some.toFixed(2)} µs`, target: '≤ 5 µs', holds: some <= 5 },
    {
      what: 'the same over the question in JavaScript',
      value: ratio(some / byHand),
      target: '≤ 40×',
      holds: some / byHand <= 40,
    },
    // A hundred fit into the processor's caches, and a thousand do not.
    { what: 'one of 1,000 workflows over one of 100', value: ratio(some / few), target: '≤ 3×', holds: some / few <= 3 },
    { what: 'one of 4,000 workflows over one of 1,000', value: ratio(many / some), target: '≤ 1.5×', holds: many / some <= 1.5 },
  ];
}
