import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError, RestatePromise, type TerminalError } from '@restatedev/restate-sdk';
import type { RunWait } from './run-request.ts';

/** `limit`: a time limit of other work; a run that has only limits left does not wait for them. */
export type EffectKind = 'work' | 'limit' | { wait: RunWait };

/** An operation whose end the server reports. */
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
 * The operations of a run at the server. The interpreter starts many at once with ordinary promises; on replay the server
 * expects the same operations in the same order. So the interpreter receives one end at a time, in the order that the server
 * has recorded, and the next one only after it has started everything that followed from the last.
 */
export class Effects {
  private readonly pending = new Set<Effect>();
  private startedCount = 0;
  private wake: () => void = () => undefined;

  /** The waits of the run; none while other work is in progress. */
  get waits(): RunWait[] {
    const kinds = Array.from(this.pending, ({ kind }) => kind);
    if (kinds.includes('work')) return [];
    return [...new Set(kinds.flatMap((kind) => (typeof kind === 'object' ? [kind.wait] : [])))];
  }

  /** Resolves with the value and index of the first promise to end; undefined when the signal aborts first. */
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
      this.startedCount++;
      this.wake();
    });
  }

  async one<Value>(promise: RestatePromise<Value>): Promise<Value> {
    return ((await this.first([promise])) as First<Value>).value;
  }

  /**
   * Runs the interpreter to its end. `onCancel` is called when the run is cancelled at the server, `beforeWait` whenever
   * nothing goes on without an end from the server.
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
    // The caller receives a failure at the end; until then it is no unhandled rejection.
    result.catch(() => undefined);
    for (;;) {
      await this.untilQuiet();
      if (isOver) return result;
      beforeWait();
      const woken = new Promise<undefined>((resolve) => {
        this.wake = () => resolve(undefined);
      });
      const ended = this.pending.size === 0 ? woken : this.nextEnd(onCancel);
      await Promise.race([woken, ended]);
    }
  }

  private async nextEnd(onCancel: () => void): Promise<void> {
    try {
      const ended = await RestatePromise.race(Array.from(this.pending, ({ promise }) => promise));
      // The caller may have stopped waiting meanwhile.
      if (this.pending.has(ended.effect)) ended.effect.deliver(ended);
    } catch (thrown) {
      if (!(thrown instanceof CancelledError)) throw thrown;
      onCancel();
    }
  }

  /** Resolves once a whole turn of the event loop has started no operation. */
  private async untilQuiet(): Promise<void> {
    for (let count = -1; count !== this.startedCount; ) {
      count = this.startedCount;
      await nextTurn();
    }
  }
}
