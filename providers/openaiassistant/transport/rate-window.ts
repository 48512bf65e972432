/** One of a server's rate limits, of requests or of tokens, as its headers report it. */
export interface ReportedRate {
  limit: number | undefined;
  remaining: number;
  resetMs: number;
}

interface RateState {
  limit: number;
  remaining: number;
  resetAt: number;
  periodMs: number;
}

/** A rate limit as the server reports it, less what was sent since. Until the first report it holds nothing back. */
export class RateWindow {
  private known: RateState | undefined;
  /** The amount under way, which the server may not have counted yet. */
  private inFlight = 0;
  private generation = 0;

  /** When `amount` is left, in milliseconds since 1970; 0 for now. */
  readyAt(amount: number, now: number): number {
    const known = this.current(now);
    if (known === undefined || known.remaining - this.inFlight >= this.clamped(amount)) return 0;
    return known.resetAt;
  }

  /** Takes `amount`; the returned function ends that, with the rate that the answer reports, if any. */
  take(amount: number): (told: ReportedRate | undefined, now: number) => void {
    const taken = this.clamped(amount);
    const { generation } = this;
    this.inFlight += taken;
    return (told, now) => {
      const isCounted = this.generation !== generation;
      if (!isCounted) this.inFlight -= taken;
      if (told) this.learn(told, now);
      else if (this.known && !isCounted) this.known.remaining -= taken;
    };
  }

  private learn({ limit, remaining, resetMs }: ReportedRate, now: number): void {
    this.known = { limit: limit ?? Number.POSITIVE_INFINITY, remaining, resetAt: now + resetMs, periodMs: resetMs };
  }

  /** After its reset a window is full; requests under way belong to the one before. */
  private current(now: number): RateState | undefined {
    const { known } = this;
    if (known && now >= known.resetAt) {
      known.remaining = known.limit;
      known.resetAt = now + known.periodMs;
      this.inFlight = 0;
      this.generation++;
    }
    return known;
  }

  /** An estimate above the limit must be wrong, as estimates of pictures are: it counts as nothing. */
  private clamped(amount: number): number {
    return amount > (this.known?.limit ?? Number.POSITIVE_INFINITY) ? 0 : amount;
  }
}
