import { type Finding, ThreadlineError } from 'threadline/provider';
import { instructionsFindings } from './assistant.ts';
import { about, connectionKey, groupedBy, helloKey, limitKey, merged, type Way } from './connection-key.ts';
import { problem, skipped } from './finding.ts';
import { helloFindings } from './hello.ts';
import { helloAsk } from './hello-ask.ts';
import { otherModels } from './other-models.ts';
import { type Prepared, prepare, type Subject } from './prepare.ts';
import { type Connection, inspectServer } from './server.ts';
import { formatFindings, toolFindings, unsupportedFindings } from './tools.ts';

/** Looks at everything that the subjects would use; at what they have in common, once. */
export async function* inspect(
  subjects: readonly Subject[],
  { asks, signal }: { asks: boolean; signal: AbortSignal },
): AsyncGenerator<Finding> {
  const all: Prepared[] = [];
  for (const subject of subjects) all.push(await prepare(subject, signal));
  const ways = all.flatMap((prepared) => prepared.routes.map((route): Way => ({ prepared, route })));
  const connections = new Map<string, Connection>();
  for (const [key, some] of groupedBy(ways, connectionKey)) connections.set(key, yield* inspectServer(some, signal));
  yield* merged(all.flatMap(stepFindings));
  if (!asks) yield skipped('hello', 'No model is asked.');
  else yield* greetAll(ways, connections, signal);
}

async function* greetAll(
  ways: Way[],
  connections: ReadonlyMap<string, Connection>,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  // A rate limit is that of a key and a model, whoever asks: what is left is said once, and who is refused does not ask again.
  const limits = new Map<string, Finding['status']>();
  for (const some of groupedBy(ways, helloKey).values()) {
    const key = limitKey(some[0]);
    if (limits.get(key) === 'problem') {
      yield about(some, skipped('hello', 'No model is asked: the limit is reached.'));
      continue;
    }
    for await (const finding of greet(some, ways, connections, signal)) {
      const isKnown = finding.check === 'quota' && finding.status === limits.get(key);
      if (finding.check === 'quota') limits.set(key, finding.status);
      if (!isKnown) yield finding;
    }
  }
}

/** What a step shows by itself. */
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
  some: [Way, ...Way[]],
  all: Way[],
  connections: ReadonlyMap<string, Connection>,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const [way] = some;
  const { prepared, route } = way;
  const connection = connections.get(connectionKey(way)) as Connection;
  const ask = helloAsk(prepared, route);
  const obstacle = connection.obstacle(way);
  if (obstacle !== undefined) yield about(some, skipped('hello', `No model is asked: ${obstacle}`));
  else if (ask.model === undefined && ask.assistantId === undefined) yield about(some, nobodyToAsk(prepared));
  else {
    const others = otherModels(way, all, connection.models ?? []);
    const findings = await helloFindings({ ask, route, subject: prepared.subject, others }, signal);
    for (const finding of findings) yield about(some, finding);
  }
}

function nobodyToAsk({ subject, isModelLate }: Prepared): Finding {
  if (isModelLate) return skipped('hello', 'No model is asked: which one is known only when the step runs.');
  const hint = 'Write `model:` in the step, in its assistant, or in the provider configuration; or say `--model NAME`.';
  if (subject.step === undefined) return skipped('hello', 'No model is asked: the configuration names none.', { hint });
  return problem('model', new ThreadlineError('invalid_params', 'No model is named.', { hint }));
}
