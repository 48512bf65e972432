import type { RestatePromise, WorkflowContext } from '@restatedev/restate-sdk';
import { keyDigest } from '../locks/lease-table.ts';
import { busyError, type HoldKey, type Lock, type LockRequest, replacedError } from '../locks/lock.ts';
import type { Effects } from './effects.ts';
import type { laneObject, Ticket } from './lane-object.ts';
import { LANES } from './services.ts';

/** Holds `concurrency` keys for a run on any worker: the server knows when the run ends. */
export const laneLocks =
  (context: WorkflowContext, effects: Effects): HoldKey =>
  (request) =>
    new LaneLock(context, effects, request).hold();

class LaneLock {
  private readonly context: WorkflowContext;
  private readonly effects: Effects;
  private readonly request: LockRequest;

  constructor(context: WorkflowContext, effects: Effects, request: LockRequest) {
    this.context = context;
    this.effects = effects;
    this.request = request;
  }

  async hold(): Promise<Lock> {
    const { context, effects } = this;
    const { key, runId, onBusy, signal, onWait } = this.request;
    const lane = context.objectClient<typeof laneObject>({ name: LANES }, keyDigest(key));
    const turn = context.awakeable<undefined>();
    const end = context.awakeable<string>();
    const ticket: Ticket = { runId, turn: turn.id, end: end.id, invocation: context.request().id };
    const entered = await effects.one(lane.enter({ ticket, onBusy }));
    if ('busy' in entered) throw busyError(key, entered.busy);
    if ('behind' in entered) {
      onWait(entered.behind);
      const ended = await effects.first<string | undefined>([turn.promise, end.promise], { signal });
      if (ended?.index !== 0) {
        this.leave(ticket);
        throw ended ? replacedError(key, String(ended.value)) : signal.reason;
      }
    }
    return this.held(ticket, end.promise);
  }

  private held(ticket: Ticket, end: RestatePromise<string>): Lock {
    const controller = new AbortController();
    const released = new AbortController();
    void this.effects.first([end], { signal: released.signal, kind: 'limit' }).then((ended) => {
      if (ended) controller.abort(replacedError(this.request.key, ended.value));
    });
    return {
      signal: controller.signal,
      release: () => {
        released.abort();
        this.leave(ticket);
      },
    };
  }

  private leave({ turn }: Ticket): void {
    const { context, request } = this;
    context.objectSendClient<typeof laneObject>({ name: LANES }, keyDigest(request.key)).leave(turn);
  }
}
