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

/** The call of a step that asks. */
export interface AskingStep {
  params: Params;
  context: ProviderContext<Config>;
  /** Aborts with the step, or when the time for the turn is over. */
  signal: AbortSignal;
}

/** A turn of a conversation, whichever route it is asked over: what the step says, and what has come of it so far. */
export interface Turn extends AskingStep {
  assistant: ResolvedAssistant;
  rule: OutputRule;
  /** Our copy of the thread, locked for this turn. */
  thread: Transcript;
  store: ThreadStore;
  toolbox: Toolbox;
  journal: RequestJournal;
  /** Messages that are not in the thread yet: once one route has got them there, another does not send them again. */
  unsaid: Item[];
  /** The usage of all routes together. */
  usage: Usage;
  /** The routes that failed, in their order. */
  fallbacks: FallbackReport[];
}
