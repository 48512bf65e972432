import type { JsonObject } from '../../shared/json/json.ts';
import type { ClientConnection } from '../base/client-connection.ts';
import type { Rule } from '../rules/rules.ts';
import type { Exchange } from './exchange.ts';
import type { EventStream } from './http.ts';

/** Disturbances that rules cause while a response is sent. */
type Fault = Pick<Rule, 'reset' | 'stall' | 'garbage' | 'slow_bytes_ms' | 'cut_after'>;

/** Sends a response, complete or disturbed by a rule. The exchange records the part that a client can understand. */
export class Delivery {
  readonly #connection: ClientConnection;
  readonly #exchange: Exchange;
  readonly #fault: Fault;

  constructor(connection: ClientConnection, exchange: Exchange, fault: Fault) {
    this.#connection = connection;
    this.#exchange = exchange;
    this.#fault = fault;
    connection.slowDown(fault.slow_bytes_ms ?? 0);
  }

  async sendJson(body: JsonObject): Promise<void> {
    const { reset, stall, garbage } = this.#fault;
    if (!reset && !stall && !garbage) this.#exchange.body = body;
    await this.sendBytes(garbage ? NO_JSON : Buffer.from(JSON.stringify(body)), 'application/json');
  }

  async sendBytes(bytes: Buffer, type: string): Promise<void> {
    if (this.#fault.reset) return this.#connection.cut();
    const { status, headers } = this.#exchange;
    this.#connection.start(status, { ...headers, 'content-type': type, 'content-length': String(bytes.length) });
    if (this.#fault.stall) {
      await this.#connection.write(firstHalf(bytes));
      return this.#connection.stall();
    }
    await this.#connection.write(bytes);
    this.#connection.end();
  }

  async sendEvents({ events, cutAfter = this.#fault.cut_after, frame = typedFrame, ending }: EventStream): Promise<void> {
    if (this.#fault.reset) return this.#resetAfter(events);
    this.#connection.start(200, { ...this.#exchange.headers, ...STREAM_HEADERS });
    const { stall = false, garbage = false } = this.#fault;
    const breaksAt = stall || garbage ? (cutAfter ?? 0) : undefined;
    let sent = 0;
    for await (const event of events) {
      if (this.#connection.isGone) return;
      const bytes = Buffer.from(frame(event));
      const isBroken = sent === breaksAt;
      if (isBroken && stall) {
        await this.#connection.write(firstHalf(bytes));
        // Inside the loop, so that the source of events keeps working until the client disconnects.
        return await this.#connection.stall();
      }
      await this.#connection.write(isBroken ? garbled(bytes) : bytes);
      if (!isBroken) this.#exchange.events.push(event);
      sent += 1;
      if (sent === cutAfter && breaksAt === undefined) return this.#connection.cut();
    }
    if (stall) return this.#connection.stall();
    if (ending !== undefined) await this.#connection.write(Buffer.from(ending));
    this.#connection.end();
  }

  /** Consumes the events as if a client were reading. */
  async #resetAfter(events: EventStream['events']): Promise<void> {
    for await (const _event of events);
    this.#connection.cut();
  }
}

const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
const NO_JSON = Buffer.from('{"id": "emulated", "output": [');

const firstHalf = (bytes: Buffer): Buffer => bytes.subarray(0, Math.ceil(bytes.length / 2));

const garbled = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('utf8').replace(/^data: .*$/m, `data: ${NO_JSON}`));

const typedFrame = (event: JsonObject): string => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;
