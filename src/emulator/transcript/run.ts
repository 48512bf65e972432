import type { Json, JsonObject } from '../../shared/json/json.ts';
import { badRequest } from '../base/api-error.ts';
import { EventLog } from '../base/event-log.ts';
import { nowInSeconds } from '../base/identifiers.ts';
import { pause } from '../base/pause.ts';
import type { Pacing } from '../rules/answer.ts';
import { eventsOfItem } from './events.ts';
import type { Item } from './items.ts';
import { responseUsage } from './object.ts';

/** A run that produces a response of the Responses API. */
export interface Output {
  status: 'completed' | 'incomplete' | 'failed';
  items: Item[];
  incompleteDetails: JsonObject | null;
  error: JsonObject | null;
  tokens: number;
}

interface ResponsePlan {
  /** The response object before the run. */
  response: JsonObject;
  history: Item[];
  input: Item[];
  output: Output;
  inputTokens: number;
  pacing: Pacing;
  /** A client reads the events between the first and the last. */
  isStreamed: boolean;
  /** Called when the response is completed or incomplete. */
  onAnswer(run: ResponseRun): void;
  /** Called at the end in any status. */
  onEnd(): void;
}

/** The life of a response from `queued` or `in_progress` to its end. */
export class ResponseRun {
  readonly id: string;
  readonly input: Item[];
  /** Only background responses that were requested as a stream can be read again. */
  readonly log: EventLog | undefined;
  readonly #plan: ResponsePlan;
  readonly #stop = new AbortController();
  #response: JsonObject;
  #sequenceNumber = 0;
  #isOver = false;

  constructor(plan: ResponsePlan) {
    this.#plan = plan;
    this.#response = plan.response;
    this.id = String(plan.response.id);
    this.input = plan.input;
    this.log = this.#isBackground && plan.isStreamed ? new EventLog() : undefined;
  }

  get response(): JsonObject {
    return this.#response;
  }

  get #isBackground(): boolean {
    return this.#response.background === true;
  }

  /** The conversation including this response, for a response that continues it. */
  transcript(): Item[] {
    return [...this.#plan.history, ...this.newItems()];
  }

  /** Items that this response adds to a conversation. */
  newItems(): Item[] {
    const hasAnswer = this.#response.status === 'completed' || this.#response.status === 'incomplete';
    return [...this.input, ...(hasAnswer ? this.#plan.output.items : [])];
  }

  /** In the foreground, the run proceeds as the client reads, and ends when the client stops reading. */
  async *play(reader: AbortSignal): AsyncGenerator<JsonObject> {
    const signal = AbortSignal.any([reader, this.#stop.signal]);
    try {
      for await (const event of this.#story(signal)) yield { ...event, sequence_number: this.#sequenceNumber++ };
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      this.#end();
    }
  }

  /** In the background, the run continues without readers. */
  async playInBackground(): Promise<void> {
    for await (const event of this.play(this.#stop.signal)) this.log?.push(event);
    this.log?.end();
  }

  cancel(): void {
    if (!this.#isBackground) throw badRequest('Cannot cancel a synchronous response.');
    if (this.#isOver) return;
    this.#set({ status: 'cancelled' });
    this.stop();
  }

  stop(): void {
    this.#stop.abort();
    this.#end();
  }

  async *#story(signal: AbortSignal): AsyncGenerator<JsonObject> {
    const { pacing } = this.#plan;
    yield this.#event('response.created');
    if (this.#isBackground) {
      yield this.#event('response.queued');
      await pause(0, signal);
      this.#set({ status: 'in_progress' });
    }
    yield this.#event('response.in_progress');
    await pause(pacing.latencyMs, signal);
    for (const event of this.#outputEvents()) {
      await pause(pacing.chunkLatencyMs, signal);
      yield event;
    }
    this.#finish();
    yield this.#event(`response.${String(this.#response.status)}`);
  }

  *#outputEvents(): Generator<JsonObject> {
    if (!this.#plan.isStreamed) return;
    for (const [index, item] of this.#plan.output.items.entries()) yield* eventsOfItem(item, index);
  }

  #finish(): void {
    const { output, inputTokens } = this.#plan;
    this.#set({ status: output.status, output: output.items, error: output.error, incomplete_details: output.incompleteDetails });
    if (output.status === 'completed') this.#set({ completed_at: nowInSeconds() });
    if (output.status !== 'failed') {
      this.#set({ usage: responseUsage(inputTokens, output.tokens) });
      this.#plan.onAnswer(this);
    }
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#plan.onEnd();
  }

  /** Copies the object, because sent objects must not change. */
  #set(changes: Record<string, Json>): void {
    this.#response = { ...this.#response, ...changes };
  }

  #event(type: string): JsonObject {
    return { type, response: this.#response };
  }
}
