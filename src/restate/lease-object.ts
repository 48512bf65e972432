import { type ObjectContext, object } from '@restatedev/restate-sdk';
import type { Holder, Renewed, Taken } from '../locks/lease-table.ts';
import { LEASES } from './services.ts';

/** A lease, or a place in the line for it. Times are milliseconds since 1970, by the clock of who asks. */
interface Lease extends Holder {
  untilMs: number;
  endFor?: string;
}

interface Leases {
  lease: Lease | null;
  line: Lease[];
}

/** What is asked for a key that calls hold, which may end without a word: of a thread. One object for each key. */
export interface LeaseRequest extends Holder {
  nowMs?: number;
  untilMs?: number;
}

/** The table of leases, for who is on other machines: see `LeaseTable`. */
export const leaseObject = object({
  name: LEASES,
  handlers: {
    async enqueue(context: ObjectContext, { runId, token, untilMs = 0 }: LeaseRequest): Promise<void> {
      const { lease, line } = await read(context);
      const isThere = line.some((one) => one.token === token);
      if (!isThere) write(context, { lease, line: [...line, { runId, token, untilMs }] });
    },

    async take(context: ObjectContext, { runId, token, nowMs = 0, untilMs = 0 }: LeaseRequest): Promise<Taken> {
      const known = await read(context);
      const isAlive = (one: Lease | null) => one !== null && one.untilMs >= nowMs;
      const line = known.line.filter(isAlive);
      const [next] = line;
      // Who asks again has not heard the answer.
      const other = isAlive(known.lease) && known.lease?.token !== token ? known.lease : next?.token !== token ? next : undefined;
      if (other && known.lease?.token !== token) {
        write(context, { lease: isAlive(known.lease) ? known.lease : null, line });
        return { taken: false, by: other.runId };
      }
      write(context, { lease: { runId, token, untilMs }, line: line.filter((one) => one.token !== token) });
      return { taken: true };
    },

    async renew(context: ObjectContext, { token, untilMs = 0 }: LeaseRequest): Promise<Renewed | { isThere: boolean }> {
      const { lease, line } = await read(context);
      const renewed = [lease, ...line].find((one) => one?.token === token);
      if (!renewed) return { isThere: false };
      const renew = (one: Lease) => (one.token === token ? { ...one, untilMs } : one);
      write(context, { lease: lease && renew(lease), line: line.map(renew) });
      return { isThere: true, endFor: renewed.endFor };
    },

    async askToEnd(context: ObjectContext, { runId, token }: LeaseRequest): Promise<void> {
      const { lease, line } = await read(context);
      const place = line.findIndex((one) => one.token === token);
      const ask = (one: Lease) => ({ ...one, endFor: runId });
      write(context, { lease: lease && ask(lease), line: line.map((one, index) => (index < place ? ask(one) : one)) });
    },

    async release(context: ObjectContext, { token }: LeaseRequest): Promise<void> {
      const { lease, line } = await read(context);
      write(context, { lease: lease?.token === token ? null : lease, line: line.filter((one) => one.token !== token) });
    },
  },
  options: { journalRetention: 0 },
});

const read = async (context: ObjectContext): Promise<Leases> =>
  (await context.get<Leases>('leases')) ?? { lease: null, line: [] };

function write(context: ObjectContext, leases: Leases): void {
  if (leases.lease || leases.line.length > 0) context.set('leases', leases);
  else context.clearAll();
}
