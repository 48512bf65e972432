import { type JsonObject, ThreadlineError } from 'threadline/provider';
import type { Config, Params } from '../contract/schema.ts';
import { type Server, serverAt } from '../contract/servers.ts';
import { WIRES, type WireName } from '../wires/wire-name.ts';
import { baseUrlOf } from './client.ts';

/** One way to ask: over a wire, at a server, of a model. The first is what the step says; the others are its fallbacks. */
export interface Route {
  config: Config;
  server: Server;
  wire: WireName;
  /** In the place of the assistant's. */
  model: string | undefined;
  isFallback: boolean;
  /** Not at the server where the step's files are: their ids say nothing there. */
  isElsewhere: boolean;
}

/** A way that was tried before. */
export interface FallbackReport {
  wire: string;
  server: string;
  error: { code: string; message: string };
}

type Fallback = NonNullable<Params['fallback']>[number];

/** Throws `unsupported` where a wire is named that its server has shut down. */
export function routesOf(params: Params, config: Config): Route[] {
  const first = routeOf(config, params.wire, undefined, false);
  const others = (params.fallback ?? []).map((fallback) => fallbackOf(config, fallback));
  return [first, ...others.map((other) => ({ ...other, isElsewhere: other.server.host !== first.server.host }))];
}

function fallbackOf(config: Config, fallback: Fallback): Route {
  if (typeof fallback === 'string') return routeOf({ ...config, wire: fallback }, fallback, undefined, true);
  const { wire, model, ...own } = fallback;
  // A key is for one server: it does not go along to another.
  const { api_key: _, organization_id: __, project_id: ___, capabilities: ____, server: _____, ...shared } = config;
  const base = own.base_url === undefined ? config : shared;
  return routeOf({ ...base, ...own, ...(wire === undefined ? {} : { wire }) }, wire, model, true);
}

function routeOf(config: Config, wire: string | undefined, model: string | undefined, isFallback: boolean): Route {
  const server = serverAt(baseUrlOf(config), config.server, config.capabilities);
  const named = wire === undefined || wire === 'auto' ? modeOf(config, server) : wire;
  const found = WIRES.find((known) => known === named) ?? server.wire;
  const route = { config, server, wire: found, model, isFallback, isElsewhere: false };
  if (route.wire === 'assistants' && server.hasNoAssistants) throw shutDown(server);
  return route;
}

/** The wire that the environment wishes for. On hosts that have shut the Assistants API down its contract lives on Responses. */
function modeOf({ wire, use_assistants_api: usesAssistants }: Config, server: Server): WireName | undefined {
  if (String(usesAssistants ?? 'true').toLowerCase() === 'false') return 'chat';
  if (wire === 'assistants' && server.hasNoAssistants) return 'responses';
  return WIRES.find((known) => known === wire);
}

const shutDown = ({ host }: Server): ThreadlineError =>
  new ThreadlineError('unsupported', `${host} has shut the Assistants API down on 2026-08-26.`, {
    hint: 'Use `wire: responses`: threads, functions and files work the same.',
    details: { field: 'wire', wire: 'assistants' } satisfies JsonObject,
  });
