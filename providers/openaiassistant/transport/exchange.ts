import type { Logger } from 'threadline/provider';
import type { Complaint } from '../dialects/complaint.ts';
import { failureKind } from '../dialects/failure-kinds.ts';
import type { Circuit } from './circuit.ts';
import type { Clock } from './clock.ts';
import { causeCodes, isBrokenConnection } from './connection-codes.ts';
import type { Limiter, WaitNote } from './limiter.ts';
import type { Outgoing } from './outgoing.ts';
import { complaintOfAnswer, describeAnswer, describeConnection, whyRepeatAnswer, whyRepeatConnection } from './repeat-reason.ts';
import { backoffMs, LONGEST_WAIT_MS, retryAfterMs, retryInWordsMs } from './retry-delay.ts';

export interface RetryNote {
  /** `the API answered 503, server_is_overloaded`. */
  reason: string;
  /** How many attempts were made so far. */
  attempt: number;
  delayMs: number;
}

interface Parts {
  request: Outgoing;
  options: {
    maxRetries: number;
    onRetry(note: RetryNote): void;
    onWait(note: WaitNote): void;
    onAnswer?(headers: Headers): void;
    log?: Pick<Logger, 'debug'>;
  };
  limiter: Limiter;
  circuit: Circuit;
  clock: Clock;
}

/** Fewer than for busy servers: one that is not there seldom comes up while somebody waits at a terminal. */
const UNREACHED_RETRIES = 2;

/** How an attempt ended: with an answer, or with what `fetch` threw. */
interface Result {
  response?: Response;
  complaint: Complaint;
  thrown?: unknown;
}

/** A request with all its attempts. */
export class Exchange {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  async run(): Promise<Response> {
    const { request, options, clock } = this.parts;
    for (let attempt = 1; ; attempt++) {
      const result = await this.attempt();
      request.signal?.throwIfAborted();
      const most = result.response ? options.maxRetries : Math.min(options.maxRetries, UNREACHED_RETRIES);
      const reason = attempt > most ? undefined : this.whyRepeat(result);
      const delayMs = this.askedDelayMs(result) ?? backoffMs(attempt - 1);
      if (reason === undefined || delayMs > LONGEST_WAIT_MS) return answerOf(result);
      // An unread body would hold its connection; cancelling a broken one may fail.
      result.response?.body?.cancel().catch(() => {});
      options.onRetry({ reason, attempt, delayMs });
      await clock.sleep(delayMs, request.signal);
    }
  }

  /** Throws only where the request could not be sent at all. */
  private async attempt(): Promise<Result> {
    const { request, options, limiter, circuit } = this.parts;
    // Checked before queueing, too: a request that will be refused does not wait in line.
    circuit.assertPassable();
    const leave = await limiter.enter({ ...request, onWait: (note) => options.onWait(note) });
    let result: Result | undefined;
    try {
      result = await this.send();
      this.pauseOthers(result);
      return result;
    } finally {
      leave(result?.response?.headers);
    }
  }

  private async send(): Promise<Result> {
    const { request, circuit } = this.parts;
    const settle = circuit.enter();
    const startedAt = performance.now();
    try {
      const response = await fetch(request.input, request.init);
      this.parts.options.onAnswer?.(response.headers);
      const complaint = await complaintOfAnswer(response);
      const described = describeAnswer(response.status, complaint);
      settle(response.status >= 500 ? 'failed' : 'answered', described);
      this.log(described, startedAt, response);
      return { response, complaint };
    } catch (thrown) {
      const codes = causeCodes(thrown);
      const isServers = !request.signal?.aborted && isBrokenConnection(codes);
      const described = describeConnection(codes);
      settle(isServers ? 'failed' : 'unknown', described);
      this.log(described, startedAt);
      return { complaint: { words: '' }, thrown };
    }
  }

  /** The id is what a server's support asks for. */
  private log(described: string, startedAt: number, response?: Response): void {
    const { method, path } = this.parts.request;
    const answer = response && { status: response.status, request_id: response.headers.get('x-request-id') };
    const duration_ms = Math.round(performance.now() - startedAt);
    this.parts.options.log?.debug(`${method} ${path}: ${described}`, { method, path, duration_ms, ...answer });
  }

  private pauseOthers(result: Result): void {
    if (result.response?.status !== 429 || failureKind(result.complaint)?.isLasting) return;
    const delayMs = this.askedDelayMs(result);
    if (delayMs !== undefined) this.parts.limiter.pause(delayMs);
  }

  private whyRepeat(result: Result): string | undefined {
    const { isRepeatable, method } = this.parts.request;
    if (!isRepeatable) return undefined;
    return result.response ? whyRepeatAnswer(result.response, result.complaint) : whyRepeatConnection(result.thrown, method);
  }

  private askedDelayMs({ response, complaint }: Result): number | undefined {
    const asked = response && retryAfterMs(response.headers, this.parts.clock.now());
    return asked ?? (response?.status === 429 ? retryInWordsMs(complaint.words) : undefined);
  }
}

function answerOf(result: Result): Response {
  if (result.response) return result.response;
  throw result.thrown;
}
