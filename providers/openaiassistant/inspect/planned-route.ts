import type { ModelRoute } from '../routes/model-routes.ts';
import { modelOf } from '../turn/build-ask.ts';
import { helloAsk } from './hello-ask.ts';
import type { Prepared } from './prepare.ts';

/** A route that a step may ask over: its own, or a fallback. */
export interface PlannedRoute {
  prepared: Prepared;
  route: ModelRoute;
}

/** Equal for routes with the same server and key. */
export function connectionKey({ route: { config, server } }: PlannedRoute): string {
  const { api_key: key, base_url: url, organization_id: organization, project_id: project } = config;
  return JSON.stringify([key, url, organization, project, server.name, server.can]);
}

/** Equal for routes that share a rate limit. */
export const limitKey = (planned: PlannedRoute): string =>
  JSON.stringify([connectionKey(planned), modelOf(planned.prepared, planned.route)]);

/** Equal for routes over which the same question is asked. */
export const helloKey = (planned: PlannedRoute): string =>
  JSON.stringify([connectionKey(planned), planned.route.wire.name, helloAsk(planned.prepared, planned.route)]);
