import { ThreadlineError } from 'threadline/provider';
import { baseUrlOf } from '../contract/check-config.ts';
import type { Config, Params } from '../contract/schema.ts';
import { type KnownServer, serverAt } from '../dialects/servers.ts';
import { WIRES, wireNamed } from '../wires/index.ts';
import type { Wire } from '../wires/wire.ts';

/** A way to ask: a wire, a server and a model. A step's own route comes first, its fallbacks follow. */
export interface ModelRoute {
  config: Config;
  server: KnownServer;
  wire: Wire;
  /** Replaces the assistant's model. */
  model: string | undefined;
  isFallback: boolean;
  /** Whether it leads to another server than the first, where ids of the step's files are not known. */
  isElsewhere: boolean;
}

/** A route that failed, as the results show it. */
export interface FallbackReport {
  wire: string;
  server: string;
  error: { code: string; message: string };
}

type Fallback = NonNullable<Params['fallback']>[number];

/** Throws `unsupported` where a wire is named that its server has shut down. */
export function routesOf(params: Params, config: Config): [ModelRoute, ...ModelRoute[]] {
  const first = routeOf(config, params.wire, undefined, false);
  const others = (params.fallback ?? []).map((fallback) => fallbackOf(config, fallback));
  return [first, ...others.map((other) => ({ ...other, isElsewhere: other.server.host !== first.server.host }))];
}

function fallbackOf(config: Config, fallback: Fallback): ModelRoute {
  if (typeof fallback === 'string') return routeOf({ ...config, wire: fallback }, fallback, undefined, true);
  const { wire, model, ...own } = fallback;
  // A key is for one server: it does not go along to another.
  const { api_key: _, organization_id: __, project_id: ___, capabilities: ____, server: _____, ...shared } = config;
  const base = own.base_url === undefined ? config : shared;
  return routeOf({ ...base, ...own, ...(wire === undefined ? {} : { wire }) }, wire, model, true);
}

function routeOf(config: Config, wanted: string | undefined, model: string | undefined, isFallback: boolean): ModelRoute {
  const server = serverAt(baseUrlOf(config), config.server, config.capabilities);
  const wire = wireNamed(wanted) ?? configuredWire(config, server) ?? WIRES[server.wire];
  if (wire.hasAssistants && server.endedAssistants) throw endedAssistants(server, wire);
  return { config, server, wire, model, isFallback, isElsewhere: false };
}

/** The wire that the configuration wishes for. On hosts that have shut the Assistants API down, Responses takes its place. */
function configuredWire({ wire, use_assistants_api: usesAssistants }: Config, server: KnownServer): Wire | undefined {
  if (String(usesAssistants ?? 'true').toLowerCase() === 'false') return WIRES.chat;
  const named = wireNamed(wire);
  return named?.hasAssistants && server.endedAssistants ? WIRES.responses : named;
}

const endedAssistants = ({ host }: KnownServer, { name }: Wire): ThreadlineError =>
  new ThreadlineError('unsupported', `${host} has shut the Assistants API down on 2026-08-26.`, {
    hint: 'Use `wire: responses`: threads, functions and files work the same.',
    details: { field: 'wire', wire: name },
  });
