import { durationMs, type JsonObject, ThreadlineError } from 'threadline/provider';
import { askForApproval, type Runtime, rejectionText } from 'threadline/runtime';
import type { ToolApproval } from './functions.ts';

/** The parts of a step's context by which a person is asked. */
interface ApprovalContext {
  step: { path: string };
  runtime: Pick<Runtime, 'waitForSignal'>;
}

/**
 * Waits until a person allows the call; rejects with what the model is told when nobody does. `path` is unique among the calls
 * of the step.
 */
export async function requireApproval(
  { name, approval }: { name: string; approval?: ToolApproval },
  args: JsonObject,
  path: string,
  context: ApprovalContext,
): Promise<void> {
  if (approval === undefined) return;
  const { message = `May \`${name}\` be called?`, approvers, timeout } = approval === true ? {} : approval;
  const answer = await askForApproval(context.runtime, {
    name: `${context.step.path}/${path.replace(/^tools\//, `${name}-`)}`,
    question: { message, ...(approvers ? { approvers } : {}), details: args },
    untilMs: timeout === undefined ? undefined : Date.now() + (durationMs(timeout) ?? 0),
  });
  if (answer?.approved) return;
  const said = answer ? rejectionText(answer) : 'Nobody has allowed it in time.';
  throw new ThreadlineError('rejected', `The call was not made: a person has to allow it. ${said}`);
}
