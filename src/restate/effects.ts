import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError, RestatePromise, type TerminalError } from '@restatedev/restate-sdk';
import type { RunWait } from './run-request.ts';

/** `limit`: a time that something else must not outlast. */
export type EffectKind = 'work' | 'limit' | { wait: RunWait };

/** Something that the server tells us the end of. */
interface Effect {
  kind: EffectKind;
  promise: RestatePromise<Ended>;
  deliver(ended: Ended): void;
}

interface Ended {
  effect: Effect;
  value: unknown;
  failure: TerminalError | undefined;
}

interface First<Value> {
  index: number;
  value: Value;
}

/**
 * What a run waits for at the server. An interpreter of ordinary promises asks for much at the same time; on replay the server
 * wants the same things asked for in the same order. So one end at a time is handed to the interpreter, in the order that the
 * server has written down, and only when all that followed from the last one has been asked for.
 */
export class Effects {
  private readonly pending = new Set<Effect>();
  private asked = 0;
  private wake: () => void = () => undefined;

  /** What is waited for, when nothing else is under way. */
  get waits(): RunWait[] {
    const kinds = Array.from(this.pending, ({ kind }) => kind);
    if (kinds.includes('work')) return [];
    return [...new Set(kinds.flatMap((kind) => (typeof kind === 'object' ? [kind.wait] : [])))];
  }

  /** The end of the first of these to end, with its place; undefined when the signal aborts before. */
  first<Value>(
    promises: readonly RestatePromise<Value>[],
    { signal, kind = 'work' }: { signal?: AbortSignal; kind?: EffectKind } = {},
  ): Promise<First<Value> | undefined> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        for (const effect of effects) this.pending.delete(effect);
        signal?.removeEventListener('abort', abort);
      };
      const abort = () => {
        leave();
        resolve(undefined);
      };
      const effects = promises.map((promise, index): Effect => {
        const effect: Effect = {
          kind,
          promise: promise.map((value, failure) => ({ effect, value, failure })),
          deliver({ value, failure }) {
            leave();
            if (failure) reject(failure);
            else resolve({ index, value: value as Value });
          },
        };
        return effect;
      });
      for (const effect of effects) this.pending.add(effect);
      signal?.addEventListener('abort', abort, { once: true });
      this.asked++;
      this.wake();
    });
  }

  async one<Value>(promise: RestatePromise<Value>): Promise<Value> {
    return ((await this.first([promise])) as First<Value>).value;
  }

  /**
   * Runs the interpreter to its end. `onCancel` is called when the run is cancelled at the server, `beforeWait` whenever
   * nothing goes on any more without the server.
   */
  async drive<Result>(
    interpret: () => Promise<Result>,
    { onCancel, beforeWait }: { onCancel(): void; beforeWait(): void },
  ): Promise<Result> {
    let isOver = false;
    const result = interpret().finally(() => {
      isOver = true;
      this.wake();
    });
    // Whoever calls hears of a failure when it is over.
    result.catch(() => undefined);
    for (;;) {
      await this.quiet();
      if (isOver) return result;
      beforeWait();
      const woken = new Promise<undefined>((resolve) => {
        this.wake = () => resolve(undefined);
      });
      const heard = this.pending.size === 0 ? woken : this.nextEnd(onCancel);
      await Promise.race([woken, heard]);
    }
  }

  private async nextEnd(onCancel: () => void): Promise<void> {
    try {
      const ended = await RestatePromise.race(Array.from(this.pending, ({ promise }) => promise));
      // Somebody may have let go of it meanwhile.
      if (this.pending.has(ended.effect)) ended.effect.deliver(ended);
    } catch (thrown) {
      if (!(thrown instanceof CancelledError)) throw thrown;
      onCancel();
    }
  }

  /** Until a whole turn of the event loop has asked for nothing. */
  private async quiet(): Promise<void> {
    for (let asked = -1; asked !== this.asked; ) {
      asked = this.asked;
      await nextTurn();
    }
  }
}
