import { type Holder, keyDigest, type LeaseTable, type Renewed, type Taken } from '../locks/lease-table.ts';
import type { Json } from '../shared/json/json.ts';
import type { Ingress } from './ingress.ts';
import { LEASES } from './services.ts';

/** The table of leases at the server, which all workers share. */
export function remoteLeases(ingress: Ingress): LeaseTable {
  const ask = (
    key: string,
    handler: string,
    { runId, token }: Holder,
    more: { nowMs?: number; untilMs?: number; places?: number } = {},
  ): Promise<Json> => ingress.call(LEASES, keyDigest(key), handler, { runId, token, ...more });
  return {
    async enqueue(key, holder, untilMs) {
      await ask(key, 'enqueue', holder, { untilMs });
    },
    take: async (key, holder, nowMs, untilMs, capacity = 1) =>
      (await ask(key, 'take', holder, { nowMs, untilMs, places: capacity })) as unknown as Taken,
    async renew(key, holder, untilMs) {
      const { isThere, endFor } = (await ask(key, 'renew', holder, { untilMs })) as unknown as Renewed;
      return { isThere, endFor };
    },
    async askToEnd(key, holder) {
      await ask(key, 'askToEnd', holder);
    },
    async release(key, holder) {
      await ask(key, 'release', holder);
    },
    close: () => undefined,
  };
}
