import { type PendingWait, pendingWaits } from '../journal/pending-waits.ts';
import type { RunStore } from '../journal/run-store.ts';
import { nameOfPath } from '../plan/step-path.ts';
import { type Approval, mayAnswer } from '../provider/approval.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json } from '../shared/json/json.ts';

export interface ApprovalAnswer {
  approved: boolean;
  /** Name of the question, as in `runs show`, or its step; needed if the run asks several. */
  step?: string | undefined;
  by?: string | undefined;
  comment?: string | undefined;
}

/** A question that the run waits for an answer to. */
export interface PendingQuestion extends PendingWait {
  name: string;
  question: NonNullable<PendingWait['question']>;
}

/** Throws `run_not_found`. */
export function pendingQuestions(store: RunStore, id: string): PendingQuestion[] {
  const entries = store.entries(id);
  const run = store.get(id);
  if (!run || run.endedAtMs !== null) return [];
  return pendingWaits(run, entries).filter(isQuestion);
}

export const isQuestion = (wait: PendingWait): wait is PendingQuestion => wait.name !== undefined && wait.question !== undefined;

/**
 * Answers a question of a run, which uses the answer when it is resumed; returns the question. Throws `run_not_found`,
 * `run_ended`, and `invalid_usage` if the run asks nothing, asks several questions and none is named, has an answer already,
 * or if `by` is not one of the approvers.
 */
export function answerApproval(store: RunStore, id: string, answer: ApprovalAnswer, nowMs = Date.now()): PendingQuestion {
  const { asked, sent } = checkAnswer(id, pendingQuestions(store, id), answer, nowMs);
  refuseSecond(id, asked, store.signals(id).find((one) => one.name === asked.name && !one.isTaken)?.data);
  store.send(id, asked.name, sent, nowMs);
  return asked;
}

/** Finds the answered question, and makes the data to send. Throws `invalid_usage` like `answerApproval`. */
export function checkAnswer(
  id: string,
  questions: readonly PendingQuestion[],
  answer: ApprovalAnswer,
  nowMs = Date.now(),
): { asked: PendingQuestion; sent: Approval } {
  const asked = choose(id, questions, answer.step);
  const { approved, by = null, comment = null } = answer;
  if (!mayAnswer(asked.question, by)) {
    const approvers = asked.question.approvers?.join(', ');
    throw refused(`${by ?? 'Somebody without a name'} may not answer \`${asked.name}\`.`, `Those who may: ${approvers}.`);
  }
  return { asked, sent: { approved, by, comment, at: new Date(nowMs).toISOString() } };
}

/**
 * Sends a signal to a run, which uses it when it is resumed. Throws `run_not_found`, `run_ended`, and `invalid_usage` for the
 * name of a question, because only approvers may answer that.
 */
export function sendSignal(store: RunStore, id: string, { name, data }: { name: string; data: Json }, nowMs = Date.now()): void {
  checkSignal(id, pendingQuestions(store, id), name);
  store.send(id, name, data, nowMs);
}

/** Throws `invalid_usage` for the name of a question. */
export function checkSignal(id: string, questions: readonly PendingQuestion[], name: string): void {
  if (questions.some((one) => one.name === name))
    throw refused(`\`${name}\` is a question.`, `\`threadline runs resume ${id} --approve\` or \`--reject\` answers it.`);
}

function choose(id: string, questions: readonly PendingQuestion[], step: string | undefined): PendingQuestion {
  const isMeant = ({ name }: PendingQuestion) =>
    step === undefined || name === step || nameOfPath(name) === step || name.startsWith(`${step}/`);
  const [chosen, other] = questions.filter(isMeant);
  if (chosen && !other) return chosen;
  const list = questions.map(({ name, question }) => `\n  ${name}  ${question.message}`).join('');
  if (questions.length === 0)
    throw refused(`Run \`${id}\` asks for no answer.`, '`threadline runs show` tells what it waits for.');
  const what = chosen ? 'waits for several answers' : `does not ask \`${step}\``;
  throw refused(`Run \`${id}\` ${what}:${list}`, 'Name one of them with `--step`.');
}

/** Throws `invalid_usage` if an earlier signal of this name is still pending. */
export function refuseSecond(id: string, { name }: PendingQuestion, sent: Json | undefined): void {
  if (!isObject(sent)) return;
  const { approved, by } = sent;
  const said = `${approved === true ? 'approved' : 'rejected'}${typeof by === 'string' ? ` by ${by}` : ''}`;
  throw refused(`\`${name}\` has its answer: ${said}.`, `\`threadline runs resume ${id}\` goes on with it.`);
}

const refused = (message: string, hint: string) => new ThreadlineError('invalid_usage', message, { hint });
