import { EventEmitter, once } from 'node:events';
import type { JsonObject } from '../../shared/json/json.ts';

/** Events that were sent, for whoever comes (back) later. */
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

  /** Everything after that sequence number, and then what comes, until the log ends or the reader goes away. */
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
        // An abort rejects; the loop's condition is what then ends it.
        await once(this.#news, 'news', { signal }).catch(() => undefined);
      }
    }
  }
}
