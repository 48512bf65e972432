import { handlers, type InvocationId, type ObjectContext, type ObjectSharedContext, object } from '@restatedev/restate-sdk';
import { LANES } from './services.ts';

/** A run that holds the key of a lane, or waits for it. */
export interface Ticket {
  runId: string;
  /** The id of the awakeable that the lane resolves when it is this run's turn. */
  turn: string;
  /** The id of the awakeable that is resolved with the id of a run that wants this one to end. */
  end: string;
  /** The run's invocation: when it is over, however it ended, the key is free. */
  invocation: InvocationId;
}

/** `behind`: the run waits in line; `busy`: it would have to, and does not. Both name the run that holds the key. */
type Entered = { holds: true } | { behind: string } | { busy: string };

interface Lane {
  holder: Ticket | null;
  line: Ticket[];
}

/** The run that holds a `concurrency` key, and the runs that wait for it, in order. Each key is an object. */
export const laneObject = object({
  name: LANES,
  handlers: {
    async enter(
      context: ObjectContext,
      { ticket, onBusy }: { ticket: Ticket; onBusy: 'queue' | 'skip' | 'cancel' },
    ): Promise<Entered> {
      const lane = await read(context);
      if (!lane.holder) {
        hold(context, ticket);
        write(context, { ...lane, holder: ticket });
        return { holds: true };
      }
      if (onBusy === 'skip') return { busy: lane.holder.runId };
      if (onBusy === 'cancel') for (const one of [lane.holder, ...lane.line]) context.resolveAwakeable(one.end, ticket.runId);
      write(context, { ...lane, line: [...lane.line, ticket] });
      return { behind: lane.holder.runId };
    },

    /** A repeated call changes nothing. */
    async leave(context: ObjectContext, turn: string): Promise<void> {
      const lane = await read(context);
      const line = lane.line.filter((one) => one.turn !== turn);
      if (lane.holder?.turn !== turn) return write(context, { ...lane, line });
      const [next = null, ...rest] = line;
      if (next) {
        context.resolveAwakeable(next.turn);
        hold(context, next);
      }
      write(context, { holder: next, line: rest });
    },

    /** Waits for the run to end and then leaves for it: a run that was killed does not leave by itself. */
    watch: handlers.object.shared(async (context: ObjectSharedContext, { turn, invocation }: Ticket): Promise<void> => {
      await context.attach(invocation).catch(() => undefined);
      context
        .objectSendClient<{ leave(context: ObjectContext, turn: string): Promise<void> }>({ name: LANES }, context.key)
        .leave(turn);
    }),
  },
  options: { journalRetention: 0 },
});

const read = async (context: ObjectContext): Promise<Lane> => (await context.get<Lane>('lane')) ?? { holder: null, line: [] };

function write(context: ObjectContext, lane: Lane): void {
  if (lane.holder) context.set('lane', lane);
  else context.clearAll();
}

function hold(context: ObjectContext, ticket: Ticket): void {
  context
    .objectSendClient<{ watch(context: ObjectSharedContext, ticket: Ticket): Promise<void> }>({ name: LANES }, context.key)
    .watch(ticket);
}
