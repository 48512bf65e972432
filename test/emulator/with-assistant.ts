import type { Assistant } from 'openai/resources/beta/assistants';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { Thread } from 'openai/resources/beta/threads/threads';
import type { EmulatorOptions, Rule } from '../../src/emulator/index.ts';
import { lookup as flatLookup, type Setup, withEmulator } from './with-emulator.ts';

export interface AssistantSetup extends Setup {
  assistant: Assistant;
  /** Has one message: `check both`. */
  thread: Thread;
  /** The texts of the thread's messages, oldest first. */
  texts(): Promise<string[]>;
}

export const MODEL = 'gpt-6-luna';

const { type, ...definition } = flatLookup;
export const lookup = { type, function: definition };

export const twoCalls = [
  { name: 'lookup', arguments: { host: 'a' } },
  { name: 'lookup', arguments: { host: 'b' } },
];

/** A test with an assistant that may look hosts up, and with a thread. */
export const withAssistant = (given: Rule[] | EmulatorOptions, run: (setup: AssistantSetup) => Promise<void>): Promise<void> =>
  withEmulator(given, async (setup) => {
    const { beta } = setup.client;
    const assistant = await beta.assistants.create({ model: MODEL, instructions: 'You are on call.', tools: [lookup] });
    const thread = await beta.threads.create({ messages: [{ role: 'user', content: 'check both' }] });
    const texts = async () => {
      const { data } = await beta.threads.messages.list(thread.id, { order: 'asc' });
      return data.map(({ content: [part] }) => (part?.type === 'text' ? part.text.value : (part?.type ?? '')));
    };
    await run({ ...setup, assistant, thread, texts });
  });

/** Starts a run and follows it to where it ends or waits. */
export const runOf = ({ client, thread, assistant }: AssistantSetup, body = {}): Promise<Run> =>
  client.beta.threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id, ...body }, { pollIntervalMs: 1 });

export const callsOf = (run: Run) => run.required_action?.submit_tool_outputs.tool_calls ?? [];
