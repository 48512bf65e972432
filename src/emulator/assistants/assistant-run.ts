import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { badRequest } from '../base/api-error.ts';
import type { EventLog } from '../base/event-log.ts';
import { nowInSeconds } from '../base/identifiers.ts';
import { pause } from '../base/pause.ts';
import { objectsIn } from '../base/request-json.ts';
import { type AnswerWithoutError, type Pacing, tokensOf } from '../rules/answer.ts';
import type { Messages } from './messages.ts';
import { answerCalls, outcomeOf } from './outcome.ts';
import type { RunObject } from './run-object.ts';
import { RunRecord, type Step, tell } from './run-record.ts';

const ACTIVE = ['queued', 'in_progress', 'requires_action', 'cancelling'];
const CANCELLABLE = ['queued', 'in_progress', 'requires_action'];

/** A model answer in a run: the first one, and one after each submission of function outputs. */
export interface Round {
  answer: AnswerWithoutError;
  pacing: Pacing;
  /** The run expires before the answer or, for calls, before their outputs. */
  expires: boolean;
  promptTokens: number;
  /** Log for the round's events, if they are streamed. */
  log: EventLog | undefined;
}

/** The life of a run from `queued` to its end. It proceeds in the background without readers. */
export class AssistantRun {
  readonly id: string;
  readonly #record: RunRecord;
  #interruption = new AbortController();
  #seen = Promise.withResolvers<void>();
  #log: EventLog | undefined;
  #outputsComeTooLate = false;

  constructor(object: RunObject, messages: Messages) {
    this.id = object.id;
    this.#record = new RunRecord(object, messages);
  }

  get object(): RunObject {
    return this.#record.object;
  }

  get steps(): readonly Step[] {
    return this.#record.steps;
  }

  get isActive(): boolean {
    return ACTIVE.includes(this.#status);
  }

  get #status(): string {
    return String(this.object.status);
  }

  update(metadata: Json): void {
    this.#record.change({ metadata });
  }

  /** `opening` holds events that precede the run's own. */
  begin(round: Round, opening: JsonObject[]): void {
    this.#play(round, [...opening, tell('thread.run.created', this.object), this.#record.become('queued')]);
  }

  /** Called at each request about the thread. A run that is not streamed proceeds only then, so that clients see every status. */
  look(): void {
    if (this.isActive && nowInSeconds() >= Number(this.object.expires_at)) this.#expire();
    this.#seen.resolve();
  }

  /** Refuses outputs that the run does not wait for. All calls of a round are answered together. */
  checkOutputs(outputs: readonly JsonObject[]): void {
    if (this.#status === 'requires_action' && this.#outputsComeTooLate) this.#expire();
    if (this.#status !== 'requires_action') {
      throw badRequest(`Runs in status "${this.#status}" do not accept tool outputs.`);
    }
    const wanted = callsOf(this.object).map(({ id }) => String(id));
    const given = outputs.map(({ tool_call_id: id }) => String(id));
    if (wanted.length === given.length && wanted.every((id) => given.includes(id))) return;
    const quote = (ids: string[]) => `[${ids.map((id) => `'${id}'`).join(', ')}]`;
    throw badRequest(`Expected tool outputs for call_ids ${quote(wanted)}, got ${quote(given)}`);
  }

  resume(outputs: readonly JsonObject[], round: Round): void {
    const answered = answerCalls(this.#record, outputs);
    this.#play(round, [...answered, this.#record.become('queued', { required_action: null })]);
  }

  cancel(): void {
    if (!CANCELLABLE.includes(this.#status)) throw badRequest(`Cannot cancel run with status '${this.#status}'.`);
    this.#interrupt();
    void this.#write(this.#cancellation());
  }

  /** Stops the run and its event logs. */
  stop(): void {
    this.#interruption.abort();
    this.#endLog();
  }

  #play(round: Round, opening: JsonObject[]): void {
    this.#interrupt();
    this.#endLog();
    this.#log = round.log;
    void this.#write(this.#story(round, opening));
  }

  #interrupt(): void {
    this.#interruption.abort();
    this.#interruption = new AbortController();
    this.#seen = Promise.withResolvers<void>();
  }

  /** Records the events until the round ends or the run is stopped. */
  async #write(story: AsyncIterable<JsonObject>): Promise<void> {
    const { signal } = this.#interruption;
    try {
      for await (const event of story) {
        this.#log?.push(event);
        if (signal.aborted) return;
      }
    } catch (thrown) {
      if (signal.aborted) return;
      throw thrown;
    }
    this.#endLog();
  }

  async *#story(round: Round, opening: JsonObject[]): AsyncGenerator<JsonObject> {
    const { signal } = this.#interruption;
    const { answer, pacing, promptTokens } = round;
    yield* opening;
    await pause(0, signal);
    yield this.#record.become('in_progress', { started_at: this.object.started_at ?? nowInSeconds() });
    await pause(pacing.latencyMs, signal);
    await this.#rest(signal);
    this.#outputsComeTooLate = round.expires;
    if (round.expires && answer.kind !== 'tool_calls') return yield* this.#record.end('expired');
    this.#record.count(promptTokens, tokensOf(answer));
    for (const event of outcomeOf(answer, this.#record)) {
      yield event;
      if (round.log && this.#status === 'in_progress') await pause(pacing.chunkLatencyMs, signal);
    }
  }

  async *#cancellation(): AsyncGenerator<JsonObject> {
    const { signal } = this.#interruption;
    yield this.#record.become('cancelling', { required_action: null });
    await pause(0, signal);
    await this.#rest(signal);
    yield* this.#record.end('cancelled');
  }

  async #rest(signal: AbortSignal): Promise<void> {
    if (!this.#log) await this.#seen.promise;
    signal.throwIfAborted();
  }

  #expire(): void {
    this.#interrupt();
    for (const event of this.#record.end('expired')) this.#log?.push(event);
    this.#endLog();
  }

  #endLog(): void {
    this.#log?.end();
    this.#log = undefined;
  }
}

function callsOf({ required_action: action }: RunObject): JsonObject[] {
  const submit = isObject(action) ? action.submit_tool_outputs : undefined;
  return isObject(submit) ? objectsIn(submit.tool_calls) : [];
}
