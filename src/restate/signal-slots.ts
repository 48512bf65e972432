import type { RestatePromise, TerminalError, WorkflowContext, WorkflowSharedContext } from '@restatedev/restate-sdk';
import type { Json } from '../shared/json/json.ts';

export interface SentSignal {
  /** Milliseconds since 1970. */
  at: number;
  data: Json;
}

/** A promise at the server resolves once; the slots let a name be sent, and waited for, several times. */
const promiseName = (name: string, number: number) => `signal/${name}/${number}`;

/** Assigns the signals of a name to waits: the first wait gets the first signal. */
export class SignalSlots {
  private readonly free = new Map<string, { returned: number[]; next: number }>();

  /** `giveBack` leaves the slot of a wait that ended without a signal to the next wait. */
  take(context: WorkflowContext, name: string): { number: number; promise: RestatePromise<SentSignal>; giveBack(): void } {
    const free = this.free.get(name) ?? { returned: [], next: 0 };
    this.free.set(name, free);
    const number = free.returned.shift() ?? free.next++;
    return {
      number,
      promise: context.promise<SentSignal>(promiseName(name, number)).get(),
      giveBack: () => {
        free.returned = [...free.returned, number].sort((a, b) => a - b);
      },
    };
  }
}

/** The signal in a slot of the name; undefined while there is none. */
export const peekSignal = (
  context: WorkflowSharedContext,
  { name, slot }: { name: string; slot: number },
): Promise<SentSignal | undefined> => context.promise<SentSignal>(promiseName(name, slot)).peek();

/** Sends to the first free slot of the name. */
export async function sendSignal(context: WorkflowSharedContext, name: string, sent: SentSignal): Promise<void> {
  for (let number = 0; ; number++) {
    const promise = context.promise<SentSignal>(promiseName(name, number));
    const isTaken = await promise.resolve(sent).then(
      () => false,
      (failure: TerminalError) => {
        if (failure.code !== ALREADY_RESOLVED) throw failure;
        return true;
      },
    );
    if (!isTaken) return;
  }
}

/** The server's code for a promise that is already resolved. */
const ALREADY_RESOLVED = 409;
