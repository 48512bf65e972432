import type { Question } from '../plan/event.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import type { Runtime } from './contract.ts';

/** What a person has answered: the data of the signal. */
export interface Approval extends JsonObject {
  approved: boolean;
  /** Who; null when that is not known. */
  by: string | null;
  comment: string | null;
  /** ISO 8601. */
  at: string | null;
}

/**
 * Asks for a person's answer and waits for it; undefined when none has come until then (ms since 1970). `name` tells the
 * question from all others of the run: `threadline runs resume RUN --approve --step NAME` answers it.
 */
export async function askForApproval(
  { waitForSignal }: Pick<Runtime, 'waitForSignal'>,
  { name, question, untilMs }: { name: string; question: Question; untilMs: number | undefined },
): Promise<Approval | undefined> {
  const sent = await waitForSignal({ name, question, ...(untilMs === undefined ? {} : { untilMs }) });
  return sent === undefined ? undefined : approvalOf(sent, question);
}

export const mayAnswer = ({ approvers }: Question, by: string | null): boolean =>
  approvers === undefined || (by !== null && approvers.includes(by));

/** Whatever was sent: only what plainly says so approves, and only from somebody who may. */
function approvalOf(sent: Json, question: Question): Approval {
  const { approved, by, comment, at } = isObject(sent) ? sent : {};
  const textOf = (value: Json | undefined) => (typeof value === 'string' && value !== '' ? value : null);
  const answer = { approved: approved === true, by: textOf(by), comment: textOf(comment), at: textOf(at) };
  if (mayAnswer(question, answer.by)) return answer;
  return { ...answer, approved: false, comment: `${answer.by ?? 'somebody'} is not among the approvers` };
}

/** `Ada rejected it: too risky.`, or that nobody did. */
export function rejectionText({ by, comment }: Approval): string {
  const said = comment === null ? '.' : `: ${comment.replace(/\.$/, '')}.`;
  return by === null ? `It was rejected${said}` : `${by} rejected it${said}`;
}
