import { ThreadlineError } from 'threadline/provider';
import type { Clock } from './clock.ts';

const FAILURES = 8;
const WITHIN_MS = 60_000;
const OPEN_MS = 30_000;

/** How an attempt ended: `failed` is the server's fault, `unknown` says nothing about it. */
export type Outcome = 'answered' | 'failed' | 'unknown';

/** A circuit breaker: after eight failures in a row no request is sent for 30 seconds, then one tries. */
export class Circuit {
  private readonly server: string;
  private readonly clock: Clock;
  /** Times of the last failures in a row. */
  private failures: number[] = [];
  private reason = '';
  private openUntil: number | undefined;
  private isTried = false;

  constructor(server: string, clock: Clock) {
    this.server = server;
    this.clock = clock;
  }

  /** Throws `server_error` while the server is to be left alone. */
  assertPassable(): void {
    if (this.openUntil !== undefined && (this.isTried || this.clock.now() < this.openUntil)) throw this.refusal(this.openUntil);
  }

  /** Begins an attempt; the returned function must be called once, with its outcome. Throws as `assertPassable` does. */
  enter(): (outcome: Outcome, reason?: string) => void {
    this.assertPassable();
    const isTrial = this.openUntil !== undefined;
    if (isTrial) this.isTried = true;
    return (outcome, reason = '') => {
      if (isTrial) this.isTried = false;
      if (outcome === 'answered') this.close();
      if (outcome === 'failed') this.fail(isTrial, reason);
    };
  }

  private close(): void {
    this.failures = [];
    this.openUntil = undefined;
  }

  private fail(isTrial: boolean, reason: string): void {
    const now = this.clock.now();
    this.reason = reason;
    this.failures.push(now);
    // Requests that were under way when the circuit opened do not keep it open.
    if (this.openUntil !== undefined && !isTrial) return;
    const isMany = this.failures.filter((at) => at >= now - WITHIN_MS).length >= FAILURES;
    if (isTrial || isMany) this.openUntil = now + OPEN_MS;
    else this.failures = this.failures.slice(-FAILURES);
  }

  private refusal(openUntil: number): ThreadlineError {
    const retryAfterMs = Math.max(0, Math.ceil(openUntil - this.clock.now()));
    const next = retryAfterMs > 0 ? `in ${Math.ceil(retryAfterMs / 1000)} s` : 'once the request that tries it is through';
    const message = `${this.server} failed ${this.failures.length} times in a row (${this.reason}); it is asked again ${next}.`;
    return new ThreadlineError('server_error', message, {
      details: { server: this.server, failures: this.failures.length, retry_after_ms: retryAfterMs },
      hint: 'Wait until the server works again; it is left alone until then.',
    });
  }
}
