import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Database } from '../database/sqlite.ts';

/** A process that has not renewed its row for this long counts as dead. */
const LEASE_MS = 10_000;
const RENEWAL_MS = 1000;

/** The space in which process ids are unique: containers may share a host name and still have process ids of their own. */
const HOST = [hostname(), processNamespace()].filter(Boolean).join(' ');

function processNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // Only Linux has several spaces of process ids.
    return undefined;
  }
}

interface OwnerRow {
  id: string;
  host: string;
  pid: number;
  until: number;
}

/** This process as an owner of runs, and whether other owners are alive. */
export class Owner {
  readonly id = crypto.randomUUID();
  private readonly database: Database;
  private timer: NodeJS.Timeout | undefined;

  constructor(database: Database) {
    this.database = database;
  }

  /** Renews this owner's row now and every second; calls `onRenew` after each later renewal. */
  start(onRenew: () => void): void {
    if (this.timer) return;
    this.renew();
    this.timer = setInterval(() => {
      this.renew();
      onRenew();
    }, RENEWAL_MS);
    this.timer.unref();
  }

  isAlive(id: string | null): boolean {
    const owner = id === null ? undefined : this.database.first<OwnerRow>('SELECT * FROM owners WHERE id = ?', id);
    return owner !== undefined && isAlive(owner);
  }

  /** The ids of the owners that are alive. */
  allAlive(): string[] {
    return this.database.all<OwnerRow>('SELECT * FROM owners').flatMap((owner) => (isAlive(owner) ? [owner.id] : []));
  }

  stop(): void {
    clearInterval(this.timer);
    if (this.timer) this.database.run('DELETE FROM owners WHERE id = ?', this.id);
    this.timer = undefined;
  }

  private renew(): void {
    this.database.run('DELETE FROM owners WHERE until < ?', Date.now() - 60 * LEASE_MS);
    this.database.run(
      'INSERT INTO owners (id, host, pid, until) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET until = excluded.until',
      this.id,
      HOST,
      process.pid,
      Date.now() + LEASE_MS,
    );
  }
}

const isAlive = ({ host, pid, until }: OwnerRow): boolean => until >= Date.now() && (host !== HOST || isRunning(pid));

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (thrown) {
    // A process of another user is alive, too.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A dead process stays a zombie until its parent reaps it: in containers whose first process does not, for ever. */
function isZombie(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // There is no /proc, or the process has just gone: its lease will run out soon.
    return false;
  }
}
