import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { pause } from './pause.ts';

const PIECE_BYTES = 64;

/** The response side of a client's connection, which rules can slow down or break. */
export class ClientConnection {
  readonly #outgoing: ServerResponse;
  readonly #gone: AbortSignal;
  readonly #closed: Promise<unknown>;
  #slowBytesMs = 0;

  /** `gone` aborts when the client disconnects. */
  constructor(outgoing: ServerResponse, gone: AbortSignal) {
    this.#outgoing = outgoing;
    this.#gone = gone;
    this.#closed = gone.aborted ? Promise.resolve() : once(gone, 'abort');
  }

  get isGone(): boolean {
    return this.#gone.aborted;
  }

  /** Writes only a few bytes at a time from now on. */
  slowDown(slowBytesMs: number): void {
    this.#slowBytesMs = slowBytesMs;
  }

  start(status: number, headers: Record<string, string>): void {
    this.#outgoing.writeHead(status, headers);
  }

  /** Resolves when the data was sent. Rejects if the client disconnects during a slow write. */
  async write(bytes: Buffer): Promise<void> {
    if (this.#slowBytesMs === 0) return this.#writePiece(bytes);
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      await pause(this.#slowBytesMs, this.#gone);
      await this.#writePiece(bytes.subarray(start, start + PIECE_BYTES));
    }
  }

  async #writePiece(bytes: Buffer): Promise<void> {
    const written = new Promise((resolve) => this.#outgoing.write(bytes, resolve));
    await Promise.race([written, this.#closed]);
  }

  end(): void {
    this.#outgoing.end();
  }

  /** Breaks the connection. */
  cut(): void {
    this.#outgoing.destroy();
  }

  /** Sends nothing more, and waits until the client disconnects. */
  async stall(): Promise<void> {
    await this.#closed;
  }
}
