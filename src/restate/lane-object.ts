import { handlers, type InvocationId, type ObjectContext, type ObjectSharedContext, object } from '@restatedev/restate-sdk';
import { LANES } from './services.ts';

/** One run in the lane of a key, or on its way into it. */
export interface Ticket {
  runId: string;
  /** Resolved, by nobody but the lane, when it is this one's turn. */
  turn: string;
  /** Resolved with the id of the run that wants this one to end. */
  end: string;
  /** Of the run: when that is over, however it ended, the lane is free. */
  invocation: InvocationId;
}

/** `behind`: stands in line; `busy`: would have had to, and does not. Both name the run that holds the key. */
export type Entered = { holds: true } | { behind: string } | { busy: string };

interface Lane {
  holder: Ticket | null;
  line: Ticket[];
}

/** Who has the `concurrency` key, and who waits for it, in order: one object for each key. */
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

    /** Once more changes nothing. */
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

    /** A run that was killed gives nothing back: somebody has to see it end. */
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
