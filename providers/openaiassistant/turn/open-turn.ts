import { noUsage } from 'threadline/runtime';
import { outputRule } from '../answer/output-rule.ts';
import { resolveAssistant } from '../contract/resolve-assistant.ts';
import type { ModelRoute } from '../routes/model-routes.ts';
import { Toolbox } from '../tools/toolbox.ts';
import { metadataOf } from './build-ask.ts';
import { messagesOf } from './messages.ts';
import { openThread } from './open-thread.ts';
import { prepareFiles } from './prepare-files.ts';
import { RequestJournal } from './request-journal.ts';
import type { AskingStep, Turn } from './turn.ts';

/**
 * Opens what a turn needs (the assistant's file, the thread, files at the server, tools) and closes it after `work`. No model is
 * asked here. `route` leads to the server that has the step's files.
 */
export async function withTurn<Result>(
  step: AskingStep,
  route: ModelRoute,
  work: (turn: Turn) => Promise<Result>,
): Promise<Result> {
  const { params, context, signal } = step;
  const [assistant, journal] = await Promise.all([resolveAssistant(params, context), RequestJournal.open(context, signal)]);
  const rule = await outputRule(assistant.response_format, context);
  const locked = await openThread(step, route, metadataOf(assistant, context), journal.mark);
  const usage = noUsage();
  const { thread, store } = locked;
  const held = { ...step, signal: locked.signal ? AbortSignal.any([signal, locked.signal]) : signal };
  try {
    return await withTools({ ...held, assistant, rule, thread, store, journal, usage, fallbacks: [] }, route, work);
  } finally {
    locked.release();
  }
}

async function withTools<Result>(
  begun: Omit<Turn, 'toolbox' | 'unsaid'>,
  route: ModelRoute,
  work: (turn: Turn) => Promise<Result>,
): Promise<Result> {
  const { assistant, params, context, signal } = begun;
  const files = await prepareFiles(begun, route, begun.thread);
  const unsaid = await messagesOf(params, files.parts, context);
  const toolbox = await Toolbox.open(assistant, params, files, context, signal);
  try {
    return await work({ ...begun, unsaid, toolbox });
  } finally {
    await toolbox.close();
  }
}
