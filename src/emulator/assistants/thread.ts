import type { JsonObject } from '../../shared/json/json.ts';
import { badRequest, notFound } from '../base/api-error.ts';
import { newId, nowInSeconds } from '../base/identifiers.ts';
import { objectsIn } from '../base/request-json.ts';
import { toResources } from './assistant.ts';
import type { AssistantRun } from './assistant-run.ts';
import { Messages, newMessage } from './messages.ts';

/** A thread of the Assistants API with its messages and runs, oldest first. Only one run at a time is active. */
export class Thread {
  readonly id = newId('thread');
  readonly messages = new Messages();
  readonly runs: AssistantRun[] = [];
  #object: JsonObject;

  constructor(body: JsonObject) {
    const object = { id: this.id, object: 'thread', created_at: nowInSeconds() };
    this.#object = { ...object, metadata: body.metadata ?? {}, tool_resources: toResources(body.tool_resources) };
  }

  get object(): JsonObject {
    return this.#object;
  }

  update(body: JsonObject): void {
    if (body.metadata !== undefined) this.#object = { ...this.#object, metadata: body.metadata ?? {} };
    if (body.tool_resources === undefined) return;
    this.#object = { ...this.#object, tool_resources: toResources(body.tool_resources) };
  }

  run(id: string): AssistantRun {
    const found = this.runs.find((run) => run.id === id);
    if (!found) throw notFound(`No run found with id '${id}'.`);
    return found;
  }

  checkTakesMessages(): void {
    const run = this.#activeRun();
    if (run) throw badRequest(`Can't add messages to ${this.id} while a run ${run.id} is active.`);
  }

  checkTakesRuns(): void {
    const run = this.#activeRun();
    if (run) throw badRequest(`Thread ${this.id} already has an active run ${run.id}.`);
  }

  /** Called at each request about this thread. */
  look(): void {
    for (const run of this.runs) run.look();
  }

  stop(): void {
    for (const run of this.runs) run.stop();
  }

  #activeRun(): AssistantRun | undefined {
    return this.runs.find((run) => run.isActive);
  }
}

/** Creates a thread with its first messages. */
export function newThread(body: JsonObject): Thread {
  const thread = new Thread(body);
  for (const message of objectsIn(body.messages)) thread.messages.put(newMessage(message, thread.id));
  return thread;
}
