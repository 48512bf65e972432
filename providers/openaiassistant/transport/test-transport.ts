import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import OpenAI from 'openai';
import { KEY, serve } from '../testing/test-assistant.ts';
import type { Clock } from './clock.ts';
import type { RetryNote } from './exchange.ts';
import type { WaitNote } from './limiter.ts';
import { type TransportOptions, transportsOn } from './open-transport.ts';

/** A clock that stands still until it is told; `slept` has what was asked of it. */
export class TestClock implements Clock {
  readonly slept: number[] = [];
  private time = Date.now();
  private readonly sleepers = new Set<{ until: number; wake(): void }>();

  now(): number {
    return this.time;
  }

  sleep(delayMs: number, signal?: AbortSignal | null): Promise<void> {
    this.slept.push(delayMs);
    return new Promise((resolve, reject) => {
      const sleeper = { until: this.time + delayMs, wake: resolve };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        this.sleepers.delete(sleeper);
        reject(signal.reason);
      });
    });
  }

  get asleep(): number {
    return this.sleepers.size;
  }

  /** Wakes whose time has come, in the order of their times. */
  advance(delayMs: number): void {
    this.time += delayMs;
    for (const sleeper of [...this.sleepers].sort((a, b) => a.until - b.until)) {
      if (sleeper.until > this.time) continue;
      this.sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}

/** A clock for which all waits are over at once. */
export class HastyClock extends TestClock {
  override async sleep(delayMs: number): Promise<void> {
    this.slept.push(delayMs);
    this.advance(delayMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Asked {
  method: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** How a server answers: a fault of its own kind, or what `answer` makes. */
export type Answer = (response: ServerResponse, asked: Asked) => void;

export const answer =
  (status: number, body: object = {}, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

export const failing = (status: number, error: object = {}, headers?: Record<string, string>): Answer =>
  answer(status, { error: { message: 'No.', ...error } }, headers);

export const fine = answer(200, { id: 'resp_1' });

export const broken: Answer = (response) => response.destroy();

/** A server that gives these answers in turn, the last one for ever. */
export async function answering(...answers: Answer[]) {
  const asked: Asked[] = [];
  const baseURL = await serve(async (request, response) => {
    const { method = '', headers } = request;
    const given = { method, headers, body: await text(request) };
    answers[Math.min(asked.push(given), answers.length) - 1]?.(response, given);
  });
  return { baseURL, asked };
}

/** The SDK, over a transport that knows nothing yet. */
export function clientOf(baseURL: string, clock: Clock, wishes: Partial<TransportOptions> = {}) {
  const retries: RetryNote[] = [];
  const waits: WaitNote[] = [];
  const openTransport = transportsOn(clock);
  const options: TransportOptions = {
    server: new URL(baseURL).host,
    apiKey: KEY,
    maxRetries: 6,
    onRetry: (note) => retries.push(note),
    onWait: (note) => waits.push(note),
    ...wishes,
  };
  const fetch = openTransport(options);
  const client = new OpenAI({ apiKey: KEY, baseURL, maxRetries: 0, fetch });
  const ask = (input = 'Hi', signal?: AbortSignal) =>
    client.responses.create({ model: 'gpt-6-luna', input }, signal ? { signal } : {});
  return { client, fetch, ask, retries, waits };
}

export const settled = () => new Promise((resolve) => setImmediate(resolve));
