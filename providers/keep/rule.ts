import {
  durationMs,
  type Json,
  type JsonObject,
  type ProviderContext,
  ThreadlineError,
  toThreadlineError,
} from 'threadline/provider';
import { type Existing, whenGone, whenMatched } from './lifecycle.ts';
import { isMadeBy, type Maker, makeAlert } from './make-alert.ts';
import type { Params } from './schema.ts';
import type { AlertStore } from './store.ts';

/** Makes, updates and resolves alerts; returns the changed ones as stored. */
export async function applyRule(params: Params, context: ProviderContext<object>): Promise<Json> {
  if (params.alert === undefined)
    throw new ThreadlineError('invalid_params', 'There is no `alert` to make.', { hint: 'Add `alert: { name: … }`.' });
  const store = await context.runtime.alerts();
  return new Rule(params, store, context).apply();
}

/** With `all`, the items are complete, so alerts that no item matches are resolved. A single item tells nothing about others. */
interface Items {
  list: (Json | undefined)[];
  all: boolean;
}

function itemsOf({ items, item }: Params): Items {
  if (Array.isArray(items)) return { list: items as Json[], all: true };
  if (item !== undefined && item !== null) return { list: [item as Json], all: false };
  return { list: [undefined], all: false };
}

class Rule {
  private readonly params: Params;
  private readonly store: AlertStore;
  private readonly context: ProviderContext<object>;
  private readonly maker: Maker;
  private readonly atMs = Date.now();

  constructor(params: Params, store: AlertStore, context: ProviderContext<object>) {
    this.params = params;
    this.store = store;
    this.context = context;
    this.maker = { workflow: context.run.workflow, step: context.step.name };
  }

  apply(): Json {
    const { list, all } = itemsOf(this.params);
    const matched = this.matched(list);
    const events = this.params.read_only ? [] : this.gone(all ? this.mine() : this.ofItems(list), matched);
    for (const alert of matched.values()) {
      const event = this.params.for === undefined ? alert : whenMatched(alert, this.existing(alert), this.forMs(), this.atMs);
      if (event) events.push(event);
    }
    this.context.signal.throwIfAborted();
    return events.map((event) => this.store.receive(event, this.atMs).alert);
  }

  private gone(earlier: Existing[], matched: ReadonlyMap<string, JsonObject>): JsonObject[] {
    return earlier
      .filter(({ event }) => !matched.has(String(event.fingerprint)))
      .map((existing) => whenGone(existing, this.atMs))
      .filter((event) => event !== undefined);
  }

  /** Alerts of the items that fulfil `if`, by fingerprint; the last one counts. */
  private matched(list: Items['list']): Map<string, JsonObject> {
    const condition = this.params.if;
    const alerts = list
      .filter((item) => condition === undefined || condition.render(item ?? null) === true)
      .map((item) => makeAlert(this.params, item, this.maker, this.atMs));
    const byFingerprint = new Map(alerts.map((alert) => [String(alert.fingerprint), alert]));
    if (byFingerprint.size < alerts.length) {
      const message = `${alerts.length} items share ${byFingerprint.size} fingerprint(s): of those with the same one only the last counts. \`fingerprint_fields\` tells them apart.`;
      this.context.emit({ type: 'log', level: 'warning', message });
    }
    return byFingerprint;
  }

  private mine(): Existing[] {
    return this.store
      .list({ atMs: this.atMs })
      .filter((alert) => isMadeBy(alert, this.maker))
      .map((alert) => this.existing(alert))
      .filter((existing) => existing !== undefined);
  }

  /** Earlier alerts of these items. An item from which no alert can be made now is skipped. */
  private ofItems(list: Items['list']): Existing[] {
    return list.flatMap((item): Existing[] => {
      try {
        const existing = this.existing(makeAlert(this.params, item, this.maker, this.atMs));
        return existing ? [existing] : [];
      } catch (thrown) {
        const { message } = toThreadlineError(thrown);
        this.context.emit({ type: 'log', level: 'debug', message: `No earlier alert of the item was looked for: ${message}` });
        return [];
      }
    });
  }

  /** The alert with this fingerprint, if this step made it. */
  private existing({ fingerprint }: JsonObject): Existing | undefined {
    const [event] = this.store.history(String(fingerprint), 1);
    const current = event && isMadeBy(event, this.maker) ? this.store.get(String(fingerprint), this.atMs) : undefined;
    return event && current && { current, event };
  }

  private forMs(): number {
    return durationMs(this.params.for ?? 0) ?? 0;
  }
}
