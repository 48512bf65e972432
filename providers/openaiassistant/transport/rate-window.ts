/** What a server said of one of its rate limits, of requests or of tokens. */
export interface ToldRate {
  limit: number | undefined;
  remaining: number;
  resetMs: number;
}

interface Known {
  limit: number;
  remaining: number;
  resetAt: number;
  periodMs: number;
}

/** One rate limit as the server tells it, less what was sent since. Knows nothing, and holds nobody back, until it is told. */
export class RateWindow {
  private known: Known | undefined;
  /** What is on its way, which the server may not have counted yet. */
  private inFlight = 0;
  private generation = 0;

  /** When there is enough for that much, in milliseconds since 1970; 0 for now. */
  readyAt(amount: number, now: number): number {
    const known = this.current(now);
    if (known === undefined || known.remaining - this.inFlight >= this.clamped(amount)) return 0;
    return known.resetAt;
  }

  /** Takes that much; what it returns gives the answer's word on the limit, if it has one. */
  take(amount: number): (told: ToldRate | undefined, now: number) => void {
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

  private learn({ limit, remaining, resetMs }: ToldRate, now: number): void {
    this.known = { limit: limit ?? Number.POSITIVE_INFINITY, remaining, resetAt: now + resetMs, periodMs: resetMs };
  }

  /** After its reset a window is full, and what was on its way belongs to the one before. */
  private current(now: number): Known | undefined {
    const { known } = this;
    if (known && now >= known.resetAt) {
      known.remaining = known.limit;
      known.resetAt = now + known.periodMs;
      this.inFlight = 0;
      this.generation++;
    }
    return known;
  }

  /** More than the limit can never be had: then the estimate is wrong, as it is of pictures, and counts for nothing. */
  private clamped(amount: number): number {
    return amount > (this.known?.limit ?? Number.POSITIVE_INFINITY) ? 0 : amount;
  }
}
