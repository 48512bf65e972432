import type { ResolvedAssistant } from '../contract/resolve-assistant.ts';
import type { Config } from '../contract/schema.ts';
import type { Truncation } from '../wires/wire.ts';

/** How much of the thread is shown: the step's wish, else the configuration's, else all. */
export function truncationOf({ truncation_strategy: given }: ResolvedAssistant, { max_history: history }: Config): Truncation {
  if (given === undefined) return history === undefined ? { type: 'none' } : { type: 'last_messages', count: Number(history) };
  const strategy = typeof given === 'string' ? { type: given } : given;
  return strategy.type === 'last_messages' ? { type: strategy.type, count: strategy.last_messages } : { type: strategy.type };
}
