import type { Clock } from './clock.ts';
import { rateIn } from './rate-headers.ts';
import { RateWindow } from './rate-window.ts';
import { LONGEST_WAIT_MS } from './retry-delay.ts';

export interface WaitNote {
  reason: string;
  delayMs: number;
}

export interface Entrant {
  /** An estimate of the request's tokens. */
  tokens: number;
  signal: AbortSignal | null;
  onWait(note: WaitNote): void;
}

interface Waiting extends Entrant {
  admit(leave: Leave): void;
}

/** Called once, with the answer's headers if there was an answer. */
export type Leave = (headers?: Headers) => void;

/** Keeps one key's requests to one model within the rate limit that the server reports; waiting requests are served in order. */
export class Limiter {
  private readonly clock: Clock;
  private readonly requests = new RateWindow();
  private readonly tokens = new RateWindow();
  private pausedUntil = 0;
  private queue: Waiting[] = [];
  private alarm: AbortController | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Resolves when the request may be sent. Rejects with the signal's reason. */
  async enter(entrant: Entrant): Promise<Leave> {
    const wait = this.waitFor(entrant);
    if (this.queue.length === 0 && wait === undefined) return this.take(entrant);
    const first = this.queue[0];
    entrant.onWait(wait ?? (first && this.waitFor(first)) ?? { reason: 'others wait for the rate limit', delayMs: 0 });
    return this.line(entrant);
  }

  /** All requests wait, because the server asked one of them to. */
  pause(delayMs: number): void {
    if (delayMs <= LONGEST_WAIT_MS) this.pausedUntil = Math.max(this.pausedUntil, this.clock.now() + delayMs);
  }

  private line(entrant: Entrant): Promise<Leave> {
    const { signal } = entrant;
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.queue = this.queue.filter((other) => other !== waiting);
        this.advance();
        reject(signal?.reason);
      };
      const admit = (leave: Leave) => {
        signal?.removeEventListener('abort', stop);
        resolve(leave);
      };
      const waiting = { ...entrant, admit };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', stop, { once: true });
      this.queue.push(waiting);
      this.advance();
    });
  }

  /** Admits the requests that may be sent, and wakes up when the next one may. */
  private advance(): void {
    this.alarm?.abort();
    this.alarm = undefined;
    for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
      const wait = this.waitFor(next);
      if (wait) {
        this.wakeIn(wait.delayMs);
        return;
      }
      this.queue.shift();
      next.admit(this.take(next));
    }
  }

  private wakeIn(delayMs: number): void {
    const alarm = new AbortController();
    this.alarm = alarm;
    this.clock.sleep(delayMs, alarm.signal).then(
      () => this.advance(),
      () => {}, // The alarm was set anew, or the queue is empty.
    );
  }

  private take({ tokens }: Entrant): Leave {
    const giveRequest = this.requests.take(1);
    const giveTokens = this.tokens.take(tokens);
    return (headers) => {
      const now = this.clock.now();
      giveRequest(headers && rateIn(headers, 'requests'), now);
      giveTokens(headers && rateIn(headers, 'tokens'), now);
      this.advance();
    };
  }

  private waitFor({ tokens }: Entrant): WaitNote | undefined {
    const now = this.clock.now();
    const waits = [
      { reason: 'the server asked to wait', delayMs: this.pausedUntil - now },
      { reason: 'no requests are left of the rate limit', delayMs: this.requests.readyAt(1, now) - now },
      { reason: 'not enough tokens are left of the rate limit', delayMs: this.tokens.readyAt(tokens, now) - now },
    ];
    // Longer waits are not waited for: the request is sent, and the server refuses it.
    const counted = waits.filter(({ delayMs }) => delayMs > 0 && delayMs <= LONGEST_WAIT_MS);
    return counted.reduce<WaitNote | undefined>((most, wait) => (wait.delayMs > (most?.delayMs ?? 0) ? wait : most), undefined);
  }
}
