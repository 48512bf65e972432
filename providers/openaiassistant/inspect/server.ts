import type { Finding } from 'threadline/provider';
import { keptAssistantFinding } from './assistant.ts';
import { about, groupedBy, type Way } from './connection-key.ts';
import { reach } from './endpoint.ts';
import { modelOf } from './hello-ask.ts';
import { keyFindings } from './key.ts';
import { modelFinding } from './model.ts';
import type { ListedModel, Probe } from './probe.ts';
import { wireFinding } from './wire.ts';

/** What was found out of a server and a key. */
export interface Connection {
  models: ListedModel[] | undefined;
  /** Why a way cannot be asked over; undefined where it can. */
  obstacle(way: Way): string | undefined;
}

/** Looks at one server, with one key: whether it is there, takes the key, and has what the ways over it need. Asks no model. */
export async function* inspectServer(ways: [Way, ...Way[]], signal: AbortSignal): AsyncGenerator<Finding, Connection> {
  const [{ route }] = ways;
  const unusable: Connection = { models: undefined, obstacle: () => 'The server cannot be asked.' };
  const early = await keyFindings(route.config, signal);
  yield* early;
  if (early.some(isProblem)) return unusable;
  const { probe, findings, isHopeless } = await reach(route.config, signal);
  yield* findings;
  if (isHopeless) return unusable;
  const absent = new Set<string>();
  yield* noting(
    absent,
    ways,
    ({ route: { wire } }) => `wire ${wire.name}`,
    async ([way]) => wireFinding(probe.client, way.route.config, way.route.wire, signal),
  );
  yield* noting(absent, ways, modelKey, ([way]) => modelOfWay(way, probe, signal));
  yield* noting(absent, ways, assistantKey, ([way]) => assistantOfWay(way, probe, signal));
  const keys = [({ route: { wire } }: Way) => `wire ${wire.name}`, modelKey, assistantKey];
  return {
    models: probe.models,
    obstacle: (way) => (keys.some((keyOf) => absent.has(keyOf(way))) ? 'What it would ask is not there.' : undefined),
  };
}

const isProblem = ({ status }: Finding): boolean => status === 'problem';

/** One finding for each key; the keys of those that are problems are noted. */
async function* noting(
  absent: Set<string>,
  ways: readonly Way[],
  keyOf: (way: Way) => string,
  look: (some: [Way, ...Way[]]) => Promise<Finding | undefined>,
): AsyncGenerator<Finding> {
  for (const [key, some] of groupedBy(ways, keyOf)) {
    const finding = await look(some);
    if (!finding) continue;
    if (isProblem(finding)) absent.add(key);
    yield about(some, finding);
  }
}

const modelKey = ({ prepared, route }: Way): string => `model ${modelOf(prepared, route) ?? ''}`;

async function modelOfWay(
  { prepared, route }: Way,
  { client, models }: Probe,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const model = modelOf(prepared, route);
  if (model === undefined) return undefined;
  return modelFinding({ client, config: route.config, server: route.server, model, models, signal, now: Date.now() });
}

const assistantId = ({ prepared, route }: Way): string | undefined => prepared.assistant.id ?? route.config.assistant_id;
const assistantKey = (way: Way): string => `assistant ${assistantId(way) ?? ''} ${way.route.wire.name}`;

async function assistantOfWay(way: Way, { client }: Probe, signal: AbortSignal): Promise<Finding | undefined> {
  const id = assistantId(way);
  if (id === undefined) return undefined;
  const model = modelOf(way.prepared, way.route);
  return keptAssistantFinding({ route: way.route, id, model }, client, signal);
}
