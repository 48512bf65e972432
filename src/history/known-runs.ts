import { eventsOfRun } from '../journal/events-of-run.ts';
import type { RunFilter, RunStore } from '../journal/run-store.ts';
import type { RunEvent } from '../plan/event.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { type ApprovalAnswer, answerApproval, type PendingQuestion, sendSignal } from './answer-approval.ts';
import { documentOf, summaryOf } from './read-run.ts';
import type { RunDocument, RunSummary } from './run-document.ts';

/** Runs stored on this machine or on a Restate server: reading them, and sending them answers and signals. */
export interface KnownRuns {
  /** Completes the beginning of an id; without one, returns the latest run's. Throws `run_not_found`, `invalid_usage`. */
  idOf(given: string | undefined): Promise<string>;
  /** The latest first. */
  list(filter: RunFilter): Promise<RunSummary[]>;
  /** Throws `run_not_found`. */
  show(id: string): Promise<{ document: RunDocument; events: RunEvent[] }>;
  /** `asked` means that another process executes the run and was told. Throws `run_not_found`, `run_ended`. */
  cancel(id: string): Promise<'asked' | 'cancelled'>;
  /** Throws what `sendSignal` does. */
  send(id: string, signal: { name: string; data: Json }): Promise<void>;
  /** Throws what `answerApproval` does. */
  answer(id: string, answer: ApprovalAnswer): Promise<PendingQuestion>;
}

/** Runs of this machine. */
export const localRuns = (store: RunStore): KnownRuns => ({
  idOf: async (given) => runIdOf(store, given),
  list: async (filter) => store.list(filter).map(summaryOf),
  async show(id) {
    const run = store.get(id);
    if (!run) throw noSuchRun(id);
    const entries = store.entries(id);
    return { document: documentOf(run, entries, Date.now()), events: eventsOfRun(run, entries) };
  },
  cancel: async (id) => store.cancel(id, Date.now()),
  send: async (id, signal) => sendSignal(store, id, signal),
  answer: async (id, answer) => answerApproval(store, id, answer),
});

const MOST_CANDIDATES = 10;
/** Filter that finds enough runs for `chosenId`. */
export const candidatesFor = (given: string | undefined): RunFilter =>
  given === undefined ? { limit: 1 } : { idPrefix: given, limit: MOST_CANDIDATES + 1 };

/** Completes the beginning of an id; without one, returns the latest run's. Throws `run_not_found` and `invalid_usage`. */
export function runIdOf(store: RunStore, given: string | undefined): string {
  if (given !== undefined && store.get(given)) return given;
  return chosenId(given, store.list(candidatesFor(given)));
}

/** The only one of the candidates. Throws `run_not_found` and `invalid_usage`. */
export function chosenId(given: string | undefined, found: readonly Pick<RunSummary, 'id' | 'status' | 'workflow'>[]): string {
  const [first, second] = found;
  if (first === undefined) throw noSuchRun(given);
  if (second === undefined) return first.id;
  const candidates = found.slice(0, MOST_CANDIDATES).map(({ id, workflow, status }) => `\n  ${id}  ${status}  ${workflow}`);
  const more = found.length > MOST_CANDIDATES ? '\n  …' : '';
  throw new ThreadlineError('invalid_usage', `Several runs begin with \`${given}\`:${candidates.join('')}${more}`);
}

export const noSuchRun = (given: string | undefined) =>
  new ThreadlineError('run_not_found', given === undefined ? 'There are no runs yet.' : `There is no run \`${given}\`.`, {
    hint: given === undefined ? '`threadline run FILE` makes one.' : '`threadline runs list` shows the existing ones.',
  });
