import type { Finding } from 'threadline/provider';
import { modelOf } from '../turn/build-ask.ts';
import { keptAssistantFinding } from './assistant.ts';
import { reach } from './endpoint.ts';
import { keyFindings } from './key.ts';
import { about, groupedBy } from './merge-findings.ts';
import { modelFinding } from './model.ts';
import type { PlannedRoute } from './planned-route.ts';
import type { ListedModel, Probe } from './probe.ts';
import { wireFinding } from './wire.ts';

/** The prospects of asking over a server, with one key. */
export interface ServerOutlook {
  models: ListedModel[] | undefined;
  /** Why a route cannot be asked over; undefined where it can. */
  obstacle(planned: PlannedRoute): string | undefined;
}

type Routes = [PlannedRoute, ...PlannedRoute[]];

/** Inspects a server, with one key: whether it is there, takes the key, and has what the routes over it need. Asks no model. */
export async function* inspectServer(routes: Routes, signal: AbortSignal): AsyncGenerator<Finding, ServerOutlook> {
  const [{ route }] = routes;
  const unusable: ServerOutlook = { models: undefined, obstacle: () => 'The server cannot be asked.' };
  const early = await keyFindings(route.config, signal);
  yield* early;
  if (early.some(isProblem)) return unusable;
  const { probe, findings, isHopeless } = await reach(route.config, signal);
  yield* findings;
  if (isHopeless) return unusable;
  const absent = new Set<string>();
  yield* noting(absent, routes, wireKey, ([first]) => wireFinding(probe.client, first.route.config, first.route.wire, signal));
  yield* noting(absent, routes, modelKey, ([first]) => findModel(first, probe, signal));
  yield* noting(absent, routes, assistantKey, ([first]) => findAssistant(first, probe, signal));
  const keys = [wireKey, modelKey, assistantKey];
  return {
    models: probe.models,
    obstacle: (planned) => (keys.some((keyOf) => absent.has(keyOf(planned))) ? 'What it would ask is not there.' : undefined),
  };
}

const isProblem = ({ status }: Finding): boolean => status === 'problem';

/** Yields a finding for each key, and notes the keys whose finding is a problem. */
async function* noting(
  absent: Set<string>,
  routes: readonly PlannedRoute[],
  keyOf: (planned: PlannedRoute) => string,
  look: (some: Routes) => Promise<Finding | undefined>,
): AsyncGenerator<Finding> {
  for (const [key, some] of groupedBy(routes, keyOf)) {
    const finding = await look(some);
    if (!finding) continue;
    if (isProblem(finding)) absent.add(key);
    yield about(some, finding);
  }
}

const wireKey = ({ route: { wire } }: PlannedRoute): string => `wire ${wire.name}`;
const modelKey = ({ prepared, route }: PlannedRoute): string => `model ${modelOf(prepared, route) ?? ''}`;

async function findModel(
  { prepared, route }: PlannedRoute,
  { client, models }: Probe,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const model = modelOf(prepared, route);
  if (model === undefined) return undefined;
  return modelFinding({ client, config: route.config, server: route.server, model, models, signal, now: Date.now() });
}

const assistantId = ({ prepared, route }: PlannedRoute): string | undefined => prepared.assistant.id ?? route.config.assistant_id;
const assistantKey = (planned: PlannedRoute): string => `assistant ${assistantId(planned) ?? ''} ${planned.route.wire.name}`;

async function findAssistant(planned: PlannedRoute, { client }: Probe, signal: AbortSignal): Promise<Finding | undefined> {
  const id = assistantId(planned);
  if (id === undefined) return undefined;
  const { prepared, route } = planned;
  return keptAssistantFinding({ route, id, model: modelOf(prepared, route) }, client, signal);
}
