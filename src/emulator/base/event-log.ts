import { EventEmitter, once } from 'node:events';
import type { JsonObject } from '../../shared/json/json.ts';

/** Sent events, for readers that connect later or again. */
export class EventLog {
  readonly #events: JsonObject[] = [];
  readonly #news = new EventEmitter().setMaxListeners(0);
  #ended = false;

  push(event: JsonObject): void {
    this.#events.push(event);
    this.#news.emit('news');
  }

  end(): void {
    this.#ended = true;
    this.#news.emit('news');
  }

  /** Yields past events after the sequence number and then new ones, until the log ends or the reader disconnects. */
  async *follow(startingAfter: number, signal: AbortSignal): AsyncGenerator<JsonObject> {
    let next = startingAfter + 1;
    while (!signal.aborted) {
      const event = this.#events[next];
      if (event) {
        next += 1;
        yield event;
      } else if (this.#ended) {
        return;
      } else {
        // Ignore the rejection on abort: the loop's condition ends the loop.
        await once(this.#news, 'news', { signal }).catch(() => undefined);
      }
    }
  }
}
