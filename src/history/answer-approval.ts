import { type PendingWait, pendingWaits } from '../journal/pending-waits.ts';
import type { RunStore } from '../journal/run-store.ts';
import { nameOfPath } from '../plan/step-path.ts';
import { type Approval, mayAnswer } from '../provider/approval.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json } from '../shared/json/json.ts';

export interface Answer {
  approved: boolean;
  /** Which question, where the run asks several: its name, as `runs show` has it, or its step. */
  step?: string | undefined;
  /** Who answers. */
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
 * Answers a question of a run, which goes on with the answer when somebody runs it again; returns what was answered.
 * Throws `run_not_found`, `run_ended`, and `invalid_usage` where it asks nothing, or several things of which none is named,
 * where it has its answer already, and where `by` is not among those who may answer.
 */
export function answerApproval(store: RunStore, id: string, answer: Answer, nowMs = Date.now()): PendingQuestion {
  const { asked, sent } = checkAnswer(id, pendingQuestions(store, id), answer, nowMs);
  refuseSecond(id, asked, store.signals(id).find((one) => one.name === asked.name && !one.isTaken)?.data);
  store.send(id, asked.name, sent, nowMs);
  return asked;
}

/** Which of its questions the answer is to, and what is sent. Throws `invalid_usage`, as `answerApproval` does. */
export function checkAnswer(
  id: string,
  questions: readonly PendingQuestion[],
  answer: Answer,
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
 * Sends anything else to a run, which goes on with it when somebody runs it again. Throws `run_not_found`, `run_ended`, and
 * `invalid_usage` for the name of a question: who answers that is checked.
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

/** Throws `invalid_usage` where something was sent that the run has not taken yet. */
export function refuseSecond(id: string, { name }: PendingQuestion, sent: Json | undefined): void {
  if (!isObject(sent)) return;
  const { approved, by } = sent;
  const said = `${approved === true ? 'approved' : 'rejected'}${typeof by === 'string' ? ` by ${by}` : ''}`;
  throw refused(`\`${name}\` has its answer: ${said}.`, `\`threadline runs resume ${id}\` goes on with it.`);
}

const refused = (message: string, hint: string) => new ThreadlineError('invalid_usage', message, { hint });
