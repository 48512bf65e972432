import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { notFound } from '../base/api-error.ts';
import { newId, nowInSeconds } from '../base/identifiers.ts';
import { objectsIn } from '../base/request-json.ts';

/** A message object of the Assistants API. */
export type Message = JsonObject & { id: string };

/** The messages of a thread, oldest first. A change makes a new object, because sent objects must not change. */
export class Messages {
  #all: Message[] = [];

  get all(): readonly Message[] {
    return this.#all;
  }

  find(id: string): Message {
    const found = this.#all.find((message) => message.id === id);
    if (!found) throw notFound(`No message found with id '${id}'.`);
    return found;
  }

  /** Adds a message, or replaces the one with its id. */
  put(message: Message): void {
    const index = this.#all.findIndex(({ id }) => id === message.id);
    if (index < 0) this.#all.push(message);
    else this.#all[index] = message;
  }

  remove(id: string): void {
    this.#all = this.#all.filter((message) => message.id !== id);
  }
}

/** Converts a client's message into a stored one. */
export function newMessage(body: JsonObject, threadId: string): Message {
  const parts = Array.isArray(body.content) ? objectsIn(body.content) : [textPart(String(body.content))];
  return {
    ...emptyMessage(threadId),
    status: 'completed',
    completed_at: nowInSeconds(),
    role: String(body.role),
    content: parts.map(toMessagePart),
    attachments: body.attachments ?? [],
    metadata: body.metadata ?? {},
  };
}

/** An assistant's message without text yet. */
export const emptyMessage = (threadId: string): Message => ({
  id: newId('msg'),
  object: 'thread.message',
  created_at: nowInSeconds(),
  thread_id: threadId,
  status: 'in_progress',
  incomplete_details: null,
  completed_at: null,
  incomplete_at: null,
  role: 'assistant',
  content: [],
  assistant_id: null,
  run_id: null,
  attachments: [],
  metadata: {},
});

export const textPart = (value: string): JsonObject => ({ type: 'text', text: { value, annotations: [] } });

function toMessagePart(part: JsonObject): JsonObject {
  if (part.type === 'text') return typeof part.text === 'string' ? textPart(part.text) : part;
  const kind = String(part.type);
  const image = part[kind];
  return { type: kind, [kind]: { detail: 'auto', ...(isObject(image) ? image : {}) } };
}

/** The text of the message without its images. */
export function textOfMessage({ content }: Message): string {
  return objectsIn(content)
    .map(({ text }) => (isObject(text) ? String(text.value) : ''))
    .join('');
}
