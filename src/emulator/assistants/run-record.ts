import type { Json, JsonObject } from '../../shared/json/json.ts';
import { newId, nowInSeconds } from '../base/identifiers.ts';
import { tokenUsage } from '../base/tokens.ts';
import { emptyMessage, type Message, type Messages } from './messages.ts';
import type { RunObject } from './run-object.ts';

export type Step = JsonObject & { id: string };

export type RunEnd = 'completed' | 'incomplete' | 'failed' | 'cancelled' | 'expired';

/** An event of a stream: its name and its object. */
export const tell = (event: string, data: JsonObject): JsonObject => ({ event, data });

/** Name of the time field for each final status. */
const ENDED_AT: Record<string, string> = { completed: 'completed_at', cancelled: 'cancelled_at', failed: 'failed_at' };

/** The objects of a run: itself, its steps and its messages. Every change returns its events. */
export class RunRecord {
  readonly #steps: Step[] = [];
  readonly #messages: Messages;
  readonly #usage = { prompt: 0, completion: 0 };
  #object: RunObject;
  #message: Message | undefined;
  #stepUsage: JsonObject = tokenUsage(0, 0);

  constructor(object: RunObject, messages: Messages) {
    this.#object = object;
    this.#messages = messages;
  }

  get object(): RunObject {
    return this.#object;
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  change(changes: JsonObject): void {
    this.#object = { ...this.#object, ...changes };
  }

  become(status: string, changes: JsonObject = {}): JsonObject {
    this.change({ status, ...changes });
    return tell(`thread.run.${status}`, this.#object);
  }

  /** Adds the usage of a model answer, which counts for the next closed step. */
  count(promptTokens: number, completionTokens: number): void {
    this.#usage.prompt += promptTokens;
    this.#usage.completion += completionTokens;
    this.#stepUsage = tokenUsage(promptTokens, completionTokens);
  }

  openStep(type: string, details: JsonObject): Step {
    const { assistant_id, thread_id, id } = this.#object;
    const step: Step = {
      id: newId('step'),
      object: 'thread.run.step',
      created_at: nowInSeconds(),
      assistant_id: assistant_id ?? null,
      thread_id: thread_id ?? null,
      run_id: id,
      type,
      status: 'in_progress',
      step_details: { type, ...details },
      last_error: null,
      expired_at: null,
      cancelled_at: null,
      failed_at: null,
      completed_at: null,
      metadata: {},
      usage: null,
    };
    this.#steps.push(step);
    return step;
  }

  /** Updates the open step. */
  fillStep(details: JsonObject): void {
    const step = this.#steps.pop();
    if (step) this.#steps.push({ ...step, step_details: { ...step, ...details, type: step.type ?? null } });
  }

  closeStep(status: Exclude<RunEnd, 'incomplete'>): JsonObject[] {
    const step = this.#steps.at(-1);
    if (step?.status !== 'in_progress') return [];
    const closed = { ...step, status, [`${status}_at`]: nowInSeconds(), usage: this.#stepUsage };
    this.#steps.splice(-1, 1, closed);
    return [tell(`thread.run.step.${status}`, closed)];
  }

  openMessage(): Message {
    const { id, assistant_id, thread_id } = this.#object;
    return this.#put({ ...emptyMessage(String(thread_id)), assistant_id: assistant_id ?? null, run_id: id });
  }

  /** Updates the open message. */
  fillMessage(part: JsonObject): void {
    if (this.#message) this.#put({ ...this.#message, content: [part] });
  }

  /** With a reason, the message is incomplete. */
  closeMessage(reason?: string): JsonObject[] {
    if (!this.#message) return [];
    const status = reason === undefined ? 'completed' : 'incomplete';
    const details: Json = reason === undefined ? null : { reason };
    const closed = { ...this.#message, status, [`${status}_at`]: nowInSeconds(), incomplete_details: details };
    this.#messages.put(closed);
    this.#message = undefined;
    return [tell(`thread.message.${status}`, closed)];
  }

  /** Ends the run with its open steps and messages. */
  end(status: RunEnd, changes: JsonObject = {}): JsonObject[] {
    const closed = [...this.closeMessage(`run_${status}`), ...this.closeStep(status === 'incomplete' ? 'completed' : status)];
    const time = ENDED_AT[status];
    const times: JsonObject = time === undefined ? {} : { [time]: nowInSeconds() };
    // A run that ended does not expire any more.
    if (status !== 'expired') times.expires_at = null;
    const usage = tokenUsage(this.#usage.prompt, this.#usage.completion);
    return [...closed, this.become(status, { required_action: null, usage, ...times, ...changes })];
  }

  #put(message: Message): Message {
    this.#message = message;
    this.#messages.put(message);
    return message;
  }
}
