import type { RestatePromise, TerminalError, WorkflowContext, WorkflowSharedContext } from '@restatedev/restate-sdk';
import type { Json } from '../shared/json/json.ts';

export interface SentSignal {
  /** Milliseconds since 1970. */
  at: number;
  data: Json;
}

/** The server's promises are kept once; a name may be sent, and waited for, more often than that. */
const promiseName = (name: string, number: number) => `signal/${name}/${number}`;

/** Which of the signals of a name is whose: the first to wait gets the first that is sent. */
export class SignalSlots {
  private readonly free = new Map<string, { returned: number[]; next: number }>();

  /** `giveBack`, for who has waited in vain, leaves it to the next one that waits. */
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

/** What was sent under the name; `slot` says which of that name it is, from 0. */
export const peekSignal = (
  context: WorkflowSharedContext,
  { name, slot }: { name: string; slot: number },
): Promise<SentSignal | undefined> => context.promise<SentSignal>(promiseName(name, slot)).peek();

/** Sends to the first place of the name that nothing was sent to. */
export async function sendSignal(context: WorkflowSharedContext, name: string, sent: SentSignal): Promise<void> {
  for (let number = 0; ; number++) {
    const place = context.promise<SentSignal>(promiseName(name, number));
    const isTaken = await place.resolve(sent).then(
      () => false,
      (failure: TerminalError) => {
        if (failure.code !== ALREADY_KEPT) throw failure;
        return true;
      },
    );
    if (!isTaken) return;
  }
}

/** What the server says of a promise that was kept before. */
const ALREADY_KEPT = 409;
