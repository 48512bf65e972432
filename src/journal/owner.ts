import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Database } from '../database/sqlite.ts';

/** How long a process counts as alive that says nothing. */
const LEASE_MS = 10_000;
const RENEWAL_MS = 1000;

/** Where our process ids mean something: containers may share a host's name, and have ids of their own. */
const HOST = [hostname(), processIds()].filter(Boolean).join(' ');

function processIds(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // Other systems than Linux have one space of ids.
    return undefined;
  }
}

interface OwnerRow {
  id: string;
  host: string;
  pid: number;
  until: number;
}

/** This process, as the one that executes runs; and whether those that executed others are alive. */
export class Owner {
  readonly id = crypto.randomUUID();
  private readonly database: Database;
  private timer: NodeJS.Timeout | undefined;

  constructor(database: Database) {
    this.database = database;
  }

  /** Says that it lives, now and every second; `look` is called with it. */
  start(look: () => void): void {
    if (this.timer) return;
    this.renew();
    this.timer = setInterval(() => {
      this.renew();
      look();
    }, RENEWAL_MS);
    this.timer.unref();
  }

  isAlive(id: string | null): boolean {
    const owner = id === null ? undefined : this.database.first<OwnerRow>('SELECT * FROM owners WHERE id = ?', id);
    return owner !== undefined && lives(owner);
  }

  /** The ids of those that are alive. */
  allAlive(): string[] {
    return this.database.all<OwnerRow>('SELECT * FROM owners').flatMap((owner) => (lives(owner) ? [owner.id] : []));
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

const lives = ({ host, pid, until }: OwnerRow): boolean => until >= Date.now() && (host !== HOST || runs(pid));

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (thrown) {
    // Somebody else's process lives, too.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Dead, and nobody has asked how it ended: in containers whose first process does not, for ever. */
function isZombie(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // No Linux, or gone this moment: the lease tells soon.
    return false;
  }
}
