import { type Finding, ThreadlineError } from 'threadline/provider';
import { instructionsFindings } from './assistant.ts';
import { problem, skipped } from './finding.ts';
import { helloFindings } from './hello.ts';
import { helloAsk } from './hello-ask.ts';
import { about, groupedBy, merged } from './merge-findings.ts';
import { otherModels } from './other-models.ts';
import { connectionKey, helloKey, limitKey, type PlannedRoute } from './planned-route.ts';
import { type Prepared, prepare, type Subject } from './prepare.ts';
import { inspectServer, type ServerOutlook } from './server.ts';
import { formatFindings, toolFindings, unsupportedFindings } from './tools.ts';

/** Inspects everything that the subjects would use; things that they have in common, once. */
export async function* inspect(
  subjects: readonly Subject[],
  { asks, signal }: { asks: boolean; signal: AbortSignal },
): AsyncGenerator<Finding> {
  const all: Prepared[] = [];
  for (const subject of subjects) all.push(await prepare(subject, signal));
  const planned = all.flatMap((prepared) => prepared.routes.map((route): PlannedRoute => ({ prepared, route })));
  const outlooks = new Map<string, ServerOutlook>();
  for (const [key, some] of groupedBy(planned, connectionKey)) outlooks.set(key, yield* inspectServer(some, signal));
  yield* merged(all.flatMap(stepFindings));
  if (!asks) yield skipped('hello', 'No model is asked.');
  else yield* greetAll(planned, outlooks, signal);
}

async function* greetAll(
  planned: PlannedRoute[],
  outlooks: ReadonlyMap<string, ServerOutlook>,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  // Steps with the same key and model share a rate limit: it is reported once, and after a refusal no model is asked again.
  const limits = new Map<string, Finding['status']>();
  for (const some of groupedBy(planned, helloKey).values()) {
    const key = limitKey(some[0]);
    if (limits.get(key) === 'problem') {
      yield about(some, skipped('hello', 'No model is asked: the limit is reached.'));
      continue;
    }
    for await (const finding of greet(some, planned, outlooks, signal)) {
      const isKnown = finding.check === 'quota' && finding.status === limits.get(key);
      if (finding.check === 'quota') limits.set(key, finding.status);
      if (!isKnown) yield finding;
    }
  }
}

/** Findings from a step alone, without a request. */
const stepFindings = (prepared: Prepared): Finding[] => [
  ...prepared.findings,
  ...[
    ...instructionsFindings(prepared),
    ...toolFindings(prepared),
    ...formatFindings(prepared),
    ...prepared.routes.flatMap((route) => unsupportedFindings(prepared, route)),
  ].map((finding) => about([{ prepared }], finding)),
];

async function* greet(
  some: [PlannedRoute, ...PlannedRoute[]],
  all: PlannedRoute[],
  outlooks: ReadonlyMap<string, ServerOutlook>,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const [planned] = some;
  const { prepared, route } = planned;
  const outlook = outlooks.get(connectionKey(planned)) as ServerOutlook;
  const ask = helloAsk(prepared, route);
  const obstacle = outlook.obstacle(planned);
  if (obstacle !== undefined) yield about(some, skipped('hello', `No model is asked: ${obstacle}`));
  else if (ask.model === undefined && ask.assistantId === undefined) yield about(some, noModelFinding(prepared));
  else {
    const others = otherModels(planned, all, outlook.models ?? []);
    const findings = await helloFindings({ ask, route, subject: prepared.subject, others }, signal);
    for (const finding of findings) yield about(some, finding);
  }
}

function noModelFinding({ subject, isModelLate }: Prepared): Finding {
  if (isModelLate) return skipped('hello', 'No model is asked: which one is known only when the step runs.');
  const hint = 'Write `model:` in the step, in its assistant, or in the provider configuration; or say `--model NAME`.';
  if (subject.step === undefined) return skipped('hello', 'No model is asked: the configuration names none.', { hint });
  return problem('model', new ThreadlineError('invalid_params', 'No model is named.', { hint }));
}
