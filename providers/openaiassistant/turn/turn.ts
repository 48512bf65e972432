import type { ProviderContext, Usage } from 'threadline/provider';
import type { ThreadStore } from 'threadline/runtime';
import type { OutputRule } from '../answer/output-rule.ts';
import type { ResolvedAssistant } from '../contract/resolve-assistant.ts';
import type { Config, Params } from '../contract/schema.ts';
import type { Item } from '../question/items.ts';
import type { FallbackReport } from '../routes/model-routes.ts';
import type { Transcript } from '../thread/transcript.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { RequestJournal } from './request-journal.ts';

/** A step that asks, as the host has it called. */
export interface AskingStep {
  params: Params;
  context: ProviderContext<Config>;
  /** Aborts with the step, or when the time for the turn is over. */
  signal: AbortSignal;
}

/** One turn of a conversation, whichever route it is asked over: what the step says, and what has come of it so far. */
export interface Turn extends AskingStep {
  assistant: ResolvedAssistant;
  rule: OutputRule;
  /** Our copy of the thread, locked for this turn. */
  thread: Transcript;
  store: ThreadStore;
  toolbox: Toolbox;
  journal: RequestJournal;
  /** Messages that are still to be said: what one route has got into the thread, another does not say again. */
  unsaid: Item[];
  /** What all routes together have used. */
  usage: Usage;
  /** The routes that failed, in their order. */
  fallbacks: FallbackReport[];
}
