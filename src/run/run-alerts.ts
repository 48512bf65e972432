import type { AlertStore } from '../alerts/store/store.ts';
import type { AlertFacts } from '../plan/evaluation-context.ts';
import type { AlertPort, Plan } from '../plan/plan.ts';
import type { JsonObject } from '../shared/json/json.ts';

/** As in Keep, `last_workflow_results` ignores runs that are older. */
const LAST_RUN_MS = 24 * 3_600_000;

/** Access of a run to the alert store, which opens on first use. */
export class RunAlerts {
  private readonly plan: Plan;
  private readonly file: string;
  /** Access of the calling workflow, whose store is shared. */
  private readonly caller: RunAlerts | undefined;
  private opened: Promise<AlertStore> | undefined;

  /** `file` may be `:memory:`. */
  constructor(plan: Plan, file: string, caller?: RunAlerts) {
    this.plan = plan;
    this.file = file;
    this.caller = caller;
  }

  /** Access for a called workflow. It shares this store, which the caller closes. */
  ofCalled(called: Plan): RunAlerts {
    return new RunAlerts(called, this.file, this);
  }

  readonly store = (): Promise<AlertStore> => {
    if (this.caller) return this.caller.store();
    this.opened ??= import('../alerts/store/sqlite.ts').then(({ openAlertStore }) => openAlertStore(this.file));
    return this.opened;
  };

  /** The run needs the store from its beginning. */
  get isAsked(): boolean {
    return this.plan.usesAlerts || this.readsLastRun();
  }

  /** Records the alert if the workflow uses the store. Returns it as stored, with its triggers' findings about the change. */
  async receive(alert: JsonObject | undefined): Promise<JsonObject | undefined> {
    if (!alert || !this.plan.usesAlerts || typeof alert.fingerprint !== 'string') return alert;
    const store = await this.store();
    // The calling workflow has recorded the alert; the call is not a new event.
    const isKnown = this.caller !== undefined && store.get(alert.fingerprint, Date.now()) !== undefined;
    if (isKnown) return alert;
    const received = store.receive(alert, Date.now());
    const { previous } = received;
    const asking = this.plan.triggers.filter((trigger) => trigger.comparesWithPrevious === true);
    return asking.reduce<JsonObject>(
      (current, trigger) => trigger.alertFor({ alert: current, ...(previous ? { previous } : {}) }) ?? current,
      received.alert,
    );
  }

  async facts(): Promise<AlertFacts | undefined> {
    if (!this.plan.usesAlerts) return undefined;
    const store = await this.store();
    return {
      firingSince: (fingerprint) => store.firingSince(fingerprint, Date.now()),
      previousFiring: (fingerprint) => store.previousFiring(fingerprint),
    };
  }

  readonly port: AlertPort = {
    enrich: async ({ kind, id }, { fields, disposable, by, audited }) => {
      const store = await this.store();
      const options = { atMs: Date.now(), by: `${this.plan.id}/${by}`, audited };
      if (kind === 'incident') return store.enrichIncident(id, { ...fields, ...disposable }, options);
      if (Object.keys(fields).length > 0) store.enrich(id, fields, options);
      if (Object.keys(disposable).length > 0) store.enrich(id, disposable, { ...options, disposable: true });
    },
    // Remembers the firing, not the time of the run: alerts may arrive late and are timed by other clocks.
    hasRunSinceFiring: async (_, action, fingerprint) => {
      const store = await this.store();
      const since = store.firingSince(fingerprint, Date.now());
      return since !== undefined && store.recall(this.throttleKey(action, fingerprint))?.value === since;
    },
    noteRun: async (action, fingerprint) => {
      const store = await this.store();
      store.remember(this.throttleKey(action, fingerprint), store.firingSince(fingerprint, Date.now()) ?? null, Date.now());
    },
  };

  /** Results of the last successful run. Each step has a list, because Keep's workflows count results. */
  async lastRun(): Promise<{ results: JsonObject; at: string } | undefined> {
    if (!this.readsLastRun()) return undefined;
    const note = (await this.store()).recall(`last-run/${this.plan.id}`);
    if (!note || note.atMs < Date.now() - LAST_RUN_MS) return undefined;
    return { results: note.value as JsonObject, at: new Date(note.atMs).toISOString() };
  }

  async rememberRun(steps: JsonObject): Promise<void> {
    if (this.readsLastRun()) (await this.store()).remember(`last-run/${this.plan.id}`, steps, Date.now());
  }

  async close(): Promise<void> {
    (await this.opened)?.close();
  }

  private readsLastRun(): boolean {
    return ['last_workflow_results', 'last_workflow_run_time'].some((root) => this.plan.reads.has(root));
  }

  private throttleKey(action: string, fingerprint: string): string {
    return `throttle/${this.plan.id}/${action}/${fingerprint}`;
  }
}
