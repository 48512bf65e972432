import { hash } from 'node:crypto';

/**
 * Which holder has which key, and who waits for it, in order. Times are milliseconds since 1970; the table reads no clock.
 * A lease or ticket that is not renewed in time counts as given back: its holder is dead. The table may be on another machine.
 */
export interface LeaseTable {
  /** Puts a ticket for the key at the end of the line. */
  enqueue(key: string, holder: Holder, untilMs: number): void | Promise<void>;
  /**
   * Takes the key if it is free and no ticket is ahead; otherwise answers with the run that holds it or is ahead. `capacity`
   * holders may have the key at once; 1 by default.
   */
  take(key: string, holder: Holder, nowMs: number, untilMs: number, capacity?: number): Taken | Promise<Taken>;
  /** Extends the holder's lease or ticket. */
  renew(key: string, holder: Holder, untilMs: number): Renewed | Promise<Renewed>;
  /** Asks the holders of the key, and the tickets ahead of this one, to end in its favour. */
  askToEnd(key: string, holder: Holder): void | Promise<void>;
  release(key: string, holder: Holder): void | Promise<void>;
  close(): void;
}

/** An attempt at holding a key. */
export interface Holder {
  runId: string;
  /** Unique, so that a run which lost its lease cannot take another run's for its own. */
  token: string;
}

export type Taken = { taken: true } | { taken: false; by: string };

export interface Renewed {
  /** False when the lease or ticket has run out. */
  isThere: boolean;
  /** The run that wants the holder to end. */
  endFor: string | undefined;
}

/** A file of leases, which may be `:memory:`, or a table that its owner opens and closes. */
export type Leases = string | LeaseTable;

/** Keys contain text from alerts, of any kind and length: a table needs to tell them apart, not to read them. */
export const keyDigest = (key: string): string => hash('sha256', key, 'hex');
