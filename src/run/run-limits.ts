import type { Leases, LeaseTable } from '../locks/lease-table.ts';
import type { Lock } from '../locks/lock.ts';
import type { openLeases } from '../locks/sqlite.ts';
import type { Limits } from '../provider/call-host.ts';
import type { Settings } from './settings.ts';

/** Limits the concurrent provider calls of a run as the settings say. */
export class RunLimits {
  private readonly limits: ReadonlyMap<string, number>;
  private readonly leases: Leases | undefined;
  private opened: ReturnType<typeof openLeases> | undefined;

  /** Without leases, only the calls of this process are counted. */
  constructor(limits: Settings['limits'] = {}, leases: Leases | undefined) {
    const entries = Object.entries(limits).map(
      ([name, limit]) => [name, typeof limit === 'number' ? limit : limit.at_once] as const,
    );
    this.limits = new Map(entries);
    this.leases = leases;
  }

  /** Leaves out the limits in `held`. Nested calls share their caller's slot; waiting for another would deadlock. */
  besides(held: ReadonlySet<string>): Limits {
    return {
      of: ({ provider, config, limits = new Set() }) => {
        const names = new Set([provider, ...(typeof config === 'string' ? [config] : [])]);
        return [...this.limits.keys()].filter((name) => names.has(name) && !held.has(name) && !limits.has(name));
      },
      hold: (...request) => this.hold(...request),
    };
  }

  /** Waits for the permits and returns a function that releases them. Rejects with the reason of the call's signal. */
  async hold(
    names: readonly string[],
    runId: string,
    signal: AbortSignal,
    onWait: (message: string) => void,
  ): Promise<() => void> {
    const { holdPermit } = await import('../locks/permit.ts');
    const table = await this.table();
    const tableName = typeof this.leases === 'string' ? this.leases : '';
    const locks: Lock[] = [];
    const release = () => {
      for (const lock of locks) lock.release();
    };
    try {
      for (const name of names) {
        const capacity = this.limits.get(name) ?? 1;
        const waits = () => onWait(`waits: calls of ${name} under way: ${capacity}, which is the limit`);
        locks.push(await holdPermit(table, tableName, { key: `limit/${name}`, runId, capacity, signal, onWait: waits }));
      }
      return release;
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  close(): void {
    this.opened?.close();
  }

  private async table(): Promise<LeaseTable> {
    const { openLeases: open } = await import('../locks/sqlite.ts');
    this.opened ??= open(this.leases);
    return this.opened.table;
  }
}
