import type { Finding } from 'threadline/provider';
import type { ModelRoute } from '../routes/model-routes.ts';
import { helloAsk, modelOf } from './hello-ask.ts';
import type { Prepared } from './prepare.ts';

/** One way in which a step may ask: its first, or a fallback. */
export interface Way {
  prepared: Prepared;
  route: ModelRoute;
}

/** Ways with the same server and key. */
export function connectionKey({ route: { config, server } }: Way): string {
  const { api_key: key, base_url: url, organization_id: organization, project_id: project } = config;
  return JSON.stringify([key, url, organization, project, server.name, server.can]);
}

/** Ways that share a rate limit. */
export const limitKey = (way: Way): string => JSON.stringify([connectionKey(way), modelOf(way.prepared, way.route)]);

/** Ways that ask the same. */
export const helloKey = (way: Way): string =>
  JSON.stringify([connectionKey(way), way.route.wire.name, helloAsk(way.prepared, way.route)]);

/** In the order in which the first of each comes. */
export function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, [Item, ...Item[]]> {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** The finding, of these steps. */
export function about(ways: readonly { prepared: Prepared }[], finding: Finding): Finding {
  const steps = [...new Set(ways.flatMap(({ prepared }) => prepared.subject.step ?? []))];
  return steps.length === 0 ? finding : { ...finding, steps };
}

/** What is the same of several steps is said once. */
export function merged(findings: readonly Finding[]): Finding[] {
  const groups = groupedBy(findings, ({ steps: _, ...rest }) => JSON.stringify(rest));
  return [...groups.values()].map((group) => {
    const steps = [...new Set(group.flatMap((finding) => finding.steps ?? []))];
    return steps.length === 0 ? group[0] : { ...group[0], steps };
  });
}
