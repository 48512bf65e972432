import type { JsonObject } from '../json.ts';
import { notFound } from './api-error.ts';
import type { Assistant } from './assistants/assistant.ts';
import type { Thread } from './assistants/thread.ts';
import { newId, nowInSeconds } from './identifiers.ts';
import type { Item } from './items.ts';
import type { ResponseRun } from './responses/run.ts';

export interface Conversation {
  id: string;
  createdAt: number;
  metadata: JsonObject;
  items: Item[];
  /** The response that is being made on it. There is one at a time. */
  lockedBy: string | undefined;
}

/** Everything that the emulator remembers, in memory. */
export class Store {
  readonly conversations = new Map<string, Conversation>();
  readonly responses = new Map<string, ResponseRun>();
  readonly assistants = new Map<string, Assistant>();
  readonly threads = new Map<string, Thread>();
  readonly models = new Set<string>();

  createConversation(metadata: JsonObject, items: Item[]): Conversation {
    const conversation = { id: newId('conv'), createdAt: nowInSeconds(), metadata, items, lockedBy: undefined };
    this.conversations.set(conversation.id, conversation);
    return conversation;
  }

  conversation(id: string): Conversation {
    const conversation = this.conversations.get(id);
    if (!conversation) throw notFound(`Conversation with id '${id}' not found.`);
    return conversation;
  }

  response(id: string): ResponseRun {
    const run = this.responses.get(id);
    if (!run) throw notFound(`Response with id '${id}' not found.`);
    return run;
  }

  assistant(id: string): Assistant {
    const assistant = this.assistants.get(id);
    if (!assistant) throw notFound(`No assistant found with id '${id}'.`);
    return assistant;
  }

  thread(id: string): Thread {
    const thread = this.threads.get(id);
    if (!thread) throw notFound(`No thread found with id '${id}'.`);
    return thread;
  }

  /** Ends what runs in the background. */
  stop(): void {
    for (const run of this.responses.values()) run.stop();
    for (const thread of this.threads.values()) thread.stop();
  }

  /** An item that some conversation or response holds, for `item_reference`. */
  item(id: string): Item | undefined {
    const conversations = [...this.conversations.values()].map(({ items }) => items);
    const responses = [...this.responses.values()].map(({ transcript }) => transcript());
    for (const items of [...conversations, ...responses]) {
      const found = items.find((item) => item.id === id);
      if (found) return found;
    }
    return undefined;
  }
}
