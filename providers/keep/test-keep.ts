import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { openAlertStore } from '../../src/alerts/store/sqlite.ts';
import type { AlertStore } from '../../src/alerts/store/store.ts';
import { loadWorkflow, openRegistry, type RunEvent, type RunOptions, type RunReport, runWorkflow } from '../../src/index.ts';
import { folderWith } from '../../test/support/cli.ts';

const registry = openRegistry();

export interface Ran extends RunReport {
  /** Log messages of the run, as `level: message`. */
  logs: string[];
}

/** Workflows of a folder that share an alert store. */
export class Keep {
  readonly file = join(folderWith({}), 'alerts.db');

  /** Runs a workflow with the id `watch` and this body. */
  async run(body: string, options: Partial<RunOptions> = {}, id = 'watch'): Promise<Ran> {
    const folder = folderWith({ 'workflow.yml': `workflow:\n  id: ${id}\n${body.replace(/^(?=.)/gm, '  ')}\n` });
    const { plan, diagnostics } = await loadWorkflow(join(folder, 'workflow.yml'), registry);
    if (!plan) throw new Error(diagnostics.map((one) => `${one.place.line}: ${one.message}`).join('\n'));
    const events: RunEvent[] = [];
    const onEvent = (event: RunEvent) => events.push(event);
    const report = await runWorkflow(plan, { registry, environment: {}, alertStore: this.file, ...options, onEvent });
    const logs = events.flatMap((event) => (event.type === 'log' ? [`${event.level}: ${event.message}`] : []));
    return { ...report, logs };
  }

  /** Runs a workflow that must succeed, and returns the results of its last step. */
  async results(body: string, options: Partial<RunOptions> = {}, id?: string): Promise<JsonObject[]> {
    const { run, error, steps } = await this.run(body, options, id);
    expect({ status: run.status, error }).toEqual({ status: 'succeeded', error: null });
    return Object.values(steps).at(-1)?.results as unknown as JsonObject[];
  }

  with<Result>(work: (store: AlertStore) => Result): Result {
    const store = openAlertStore(this.file);
    try {
      return work(store);
    } finally {
      store.close();
    }
  }

  receive(...alerts: JsonObject[]): void {
    this.with((store) => {
      for (const alert of alerts) store.receive(alert, Date.now());
    });
  }

  /** Names and statuses of all alerts, sorted by name. */
  statuses(): Record<string, unknown> {
    const alerts = this.with((store) => store.list({ atMs: Date.now() }));
    return Object.fromEntries(alerts.map(({ name, status }) => [String(name), status]).sort());
  }

  /** Simulates elapsed time by moving an alert's times back. */
  age(name: string, byMs: number): void {
    this.with((store) => {
      const found = store.list({ atMs: Date.now() }).find((alert) => alert.name === name) as JsonObject;
      const activeAt = new Date(Date.parse(String(found.activeAt)) - byMs).toISOString();
      store.receive({ ...store.history(String(found.fingerprint), 1)[0], activeAt }, Date.now());
    });
  }
}
