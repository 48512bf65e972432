import type { JsonObject } from '../../shared/json/json.ts';
import type { Line } from '../base/line.ts';
import type { Rule } from '../rules/rules.ts';
import type { Exchange } from './exchange.ts';
import type { EventStream } from './http.ts';

/** What rules do to an answer on its way. */
export type Fault = Pick<Rule, 'reset' | 'stall' | 'garbage' | 'slow_bytes_ms' | 'cut_after'>;

/** How an answer goes out: whole, or as a rule breaks it. The exchange keeps what a client could make sense of. */
export class Delivery {
  readonly #line: Line;
  readonly #exchange: Exchange;
  readonly #fault: Fault;

  constructor(line: Line, exchange: Exchange, fault: Fault) {
    this.#line = line;
    this.#exchange = exchange;
    this.#fault = fault;
    line.slowDown(fault.slow_bytes_ms ?? 0);
  }

  async sendJson(body: JsonObject): Promise<void> {
    const { reset, stall, garbage } = this.#fault;
    if (!reset && !stall && !garbage) this.#exchange.body = body;
    await this.sendBytes(garbage ? NO_JSON : Buffer.from(JSON.stringify(body)), 'application/json');
  }

  async sendBytes(bytes: Buffer, type: string): Promise<void> {
    if (this.#fault.reset) return this.#line.cut();
    const { status, headers } = this.#exchange;
    this.#line.start(status, { ...headers, 'content-type': type, 'content-length': String(bytes.length) });
    if (this.#fault.stall) {
      await this.#line.write(firstHalf(bytes));
      return this.#line.stall();
    }
    await this.#line.write(bytes);
    this.#line.end();
  }

  async sendEvents({ events, cutAfter = this.#fault.cut_after, frame = frameOf, ending }: EventStream): Promise<void> {
    if (this.#fault.reset) return this.#resetAfter(events);
    this.#line.start(200, { ...this.#exchange.headers, ...STREAM_HEADERS });
    const { stall = false, garbage = false } = this.#fault;
    const breaksAt = stall || garbage ? (cutAfter ?? 0) : undefined;
    let sent = 0;
    for await (const event of events) {
      if (this.#line.isGone) return;
      const bytes = Buffer.from(frame(event));
      const isBroken = sent === breaksAt;
      if (isBroken && stall) {
        await this.#line.write(firstHalf(bytes));
        // Within the loop, so that what makes the events is at work until the client goes away.
        return await this.#line.stall();
      }
      await this.#line.write(isBroken ? garbled(bytes) : bytes);
      if (!isBroken) this.#exchange.events.push(event);
      sent += 1;
      if (sent === cutAfter && breaksAt === undefined) return this.#line.cut();
    }
    if (stall) return this.#line.stall();
    if (ending !== undefined) await this.#line.write(Buffer.from(ending));
    this.#line.end();
  }

  /** Everything is done as if somebody were reading. */
  async #resetAfter(events: EventStream['events']): Promise<void> {
    for await (const _event of events);
    this.#line.cut();
  }
}

const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
const NO_JSON = Buffer.from('{"id": "emulated", "output": [');

const firstHalf = (bytes: Buffer): Buffer => bytes.subarray(0, Math.ceil(bytes.length / 2));

const garbled = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('utf8').replace(/^data: .*$/m, `data: ${NO_JSON}`));

const frameOf = (event: JsonObject): string => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;
