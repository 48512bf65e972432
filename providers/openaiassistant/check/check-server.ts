import { isObject, type JsonObject } from 'threadline/provider';
import type { Config, Params } from '../contract/schema.ts';
import { insteadOf, unsupportedError } from '../question/features.ts';
import { routesOf } from '../routes/model-routes.ts';
import { usesOf } from './check-wire.ts';

/**
 * Throws `unsupported` where a step asks for what its server cannot do, as `turn/` would when the step begins. A step with a fallback
 * goes on with that; one with `on_unsupported: warn` goes on without.
 */
export function checkServer(config: Config, params: JsonObject): void {
  const { operation = 'ask', fallback, on_unsupported: unsupported, assistant } = params;
  if (operation !== 'ask' || fallback !== undefined || unsupported === 'warn') return;
  const [{ wire, server }] = routesOf(params as Params, config);
  for (const { feature } of usesOf(params, isObject(assistant) ? assistant : {})) {
    const hint = insteadOf(feature, wire, server);
    if (hint !== undefined) throw unsupportedError(feature, hint, wire, server);
  }
}
