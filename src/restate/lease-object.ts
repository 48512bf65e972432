import { type ObjectContext, object } from '@restatedev/restate-sdk';
import type { Holder, Renewed, Taken } from '../locks/lease-table.ts';
import { LEASES } from './services.ts';

/** A lease, or a ticket in the line for it. Times are milliseconds since 1970, by the caller's clock. */
interface Lease extends Holder {
  untilMs: number;
  endFor?: string;
}

interface Leases {
  held: Lease[];
  line: Lease[];
}

/** `places` is the capacity of the key. */
interface LeaseRequest extends Holder {
  nowMs?: number;
  untilMs?: number;
  places?: number;
}

/**
 * A key of the `LeaseTable` that all workers share, for holders such as calls, which may end without a release. A repeated
 * request changes nothing.
 */
export const leaseObject = object({
  name: LEASES,
  handlers: {
    async enqueue(context: ObjectContext, { runId, token, untilMs = 0 }: LeaseRequest): Promise<void> {
      const { held, line } = await read(context);
      if (!line.some((one) => one.token === token)) write(context, { held, line: [...line, { runId, token, untilMs }] });
    },

    async take(context: ObjectContext, request: LeaseRequest): Promise<Taken> {
      const { runId, token, nowMs = 0, untilMs = 0, places = 1 } = request;
      const known = await read(context);
      const [held, line] = [known.held, known.line].map((leases) => leases.filter((one) => one.untilMs >= nowMs)) as [
        Lease[],
        Lease[],
      ];
      if (held.some((one) => one.token === token)) return { taken: true };
      // The first tickets in line have a claim to what is free.
      const free = places - held.length;
      const front = line.slice(0, Math.max(0, free));
      const isServed = free > 0 && (front.length < free || front.some((one) => one.token === token));
      const lease = { runId, token, untilMs };
      if (isServed) write(context, { held: [...held, lease], line: line.filter((one) => one.token !== token) });
      else write(context, { held, line });
      return isServed ? { taken: true } : { taken: false, by: (free > 0 ? line : held)[0]?.runId ?? '' };
    },

    async renew(context: ObjectContext, { token, untilMs = 0 }: LeaseRequest): Promise<Partial<Renewed>> {
      const { held, line } = await read(context);
      const known = [...held, ...line].find((one) => one.token === token);
      if (!known) return { isThere: false };
      const renew = (one: Lease) => (one.token === token ? { ...one, untilMs } : one);
      write(context, { held: held.map(renew), line: line.map(renew) });
      return { isThere: true, endFor: known.endFor };
    },

    async askToEnd(context: ObjectContext, { runId, token }: LeaseRequest): Promise<void> {
      const { held, line } = await read(context);
      const place = line.findIndex((one) => one.token === token);
      const ask = (one: Lease) => ({ ...one, endFor: runId });
      write(context, { held: held.map(ask), line: line.map((one, index) => (index < place ? ask(one) : one)) });
    },

    async release(context: ObjectContext, { token }: LeaseRequest): Promise<void> {
      const { held, line } = await read(context);
      const others = (leases: Lease[]) => leases.filter((one) => one.token !== token);
      write(context, { held: others(held), line: others(line) });
    },
  },
  options: { journalRetention: 0 },
});

const read = async (context: ObjectContext): Promise<Leases> => (await context.get<Leases>('leases')) ?? { held: [], line: [] };

function write(context: ObjectContext, leases: Leases): void {
  if (leases.held.length > 0 || leases.line.length > 0) context.set('leases', leases);
  else context.clearAll();
}
