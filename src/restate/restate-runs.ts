import { checkAnswer, checkSignal, isQuestion, type PendingQuestion } from '../answer-approval.ts';
import { ThreadlineError } from '../errors.ts';
import type { RunEvent, WaitReport } from '../event.ts';
import type { PendingWait } from '../journal/pending-waits.ts';
import type { Json } from '../json.ts';
import { candidatesFor, chosenId, type KnownRuns, noSuchRun } from '../known-runs.ts';
import { documentFrom, waitsOf } from '../read-run.ts';
import type { RunSummary } from '../run-document.ts';
import { Ingress, sentenceOf } from './ingress.ts';
import type { RunAnswer, RunGiven, RunState } from './run-request.ts';
import { RunTable, summaryOfState } from './run-table.ts';
import { RUNS } from './services.ts';

/** What the server says of a run's result that is not there yet. */
const NOT_READY = 470;

/**
 * The runs of a Restate server. Lists, and beginnings of ids, are asked of its admin API; all else of the ingress, which
 * whoever starts runs can reach. All reject with `connection_failed` and `server_error`, too.
 */
export class RestateRuns implements KnownRuns {
  readonly ingress: Ingress;
  private readonly table: RunTable;

  constructor({ ingress, admin }: { ingress: string; admin: string }) {
    this.ingress = new Ingress(ingress);
    this.table = new RunTable(admin);
  }

  async idOf(given: string | undefined): Promise<string> {
    if (given !== undefined && (await this.find(given))) return given;
    return chosenId(given, await this.table.list(candidatesFor(given)));
  }

  list: KnownRuns['list'] = (filter) => this.table.list(filter);

  /** Throws `run_not_found` for one that no worker has begun, too. */
  async state(id: string): Promise<RunState> {
    const state = await this.find(id);
    if (state) return state;
    throw noSuchRun(id);
  }

  async show(id: string): ReturnType<KnownRuns['show']> {
    const [state, ended, given] = await Promise.all([this.state(id), this.outcome(id), this.tell(id, 'request')]);
    const known = summaryOfState(id, state);
    const hasEnded = ended !== undefined;
    const summary: RunSummary = hasEnded ? { ...known, waits_for: [], wake_at: null, ...endOf(ended, known) } : known;
    const events = hasEnded && 'report' in ended ? ended.events : eventsOf(summary);
    const document = documentFrom({
      summary,
      events,
      inputs: new Map(),
      waits: hasEnded ? [] : waitReports(state),
      request: (given as unknown as RunGiven | null) ?? { inputs: {} },
      lastMs: Date.now(),
    });
    return { document, events };
  }

  async cancel(id: string): Promise<'asked'> {
    const { status } = await this.state(id);
    if (status !== 'ended' && (await this.tell(id, 'cancel')) === true) return 'asked';
    throw hasEnded(id);
  }

  async send(id: string, { name, data }: { name: string; data: Json }): Promise<void> {
    checkSignal(id, await this.questions(id), name);
    await this.tell(id, 'send', { name, data });
  }

  async answer(id: string, answer: Parameters<KnownRuns['answer']>[1]): Promise<PendingQuestion> {
    const { asked, sent } = checkAnswer(id, await this.questions(id), answer);
    await this.tell(id, 'send', { name: asked.name, data: sent });
    return asked;
  }

  private async questions(id: string): Promise<PendingQuestion[]> {
    const state = await this.state(id);
    if (state.status === 'ended') throw hasEnded(id);
    return pending(state).filter(isQuestion);
  }

  private async find(id: string): Promise<RunState | null> {
    return (await this.tell(id, 'state')) as unknown as RunState | null;
  }

  private tell(id: string, handler: string, body: Json = null): Promise<Json> {
    return this.ingress.call(RUNS, id, handler, body);
  }

  /** Undefined for a run that has not ended. */
  private async outcome(id: string): Promise<RunAnswer | undefined> {
    const { status, data } = await this.ingress.ask(`/restate/workflow/${RUNS}/${encodeURIComponent(id)}/output`);
    if (status === NOT_READY) return undefined;
    if (status < 300) return data as unknown as RunAnswer;
    return { refusal: { code: 'server_error', message: `The server ended the run: ${sentenceOf(data, status)}`, hint: null } };
  }
}

const hasEnded = (id: string) => new ThreadlineError('run_ended', `Run \`${id}\` has ended.`);

const pending = ({ waits }: RunState): PendingWait[] =>
  waits.map(({ step, signal, untilMs, question }) => ({
    step,
    name: signal ?? undefined,
    untilMs: untilMs ?? undefined,
    question,
  }));

export const waitReports = (state: RunState): WaitReport[] => waitsOf(pending(state));

function endOf(ended: RunAnswer, { duration_ms }: RunSummary): Pick<RunSummary, 'status' | 'duration_ms' | 'error'> {
  if ('refusal' in ended) return { status: 'failed', duration_ms: duration_ms ?? 0, error: ended.refusal };
  const { run, error } = ended.report;
  return { status: run.status, duration_ms: run.duration_ms, error };
}

/** What can be said of a run whose events are not there. */
function eventsOf({ id, workflow, file, started_at, status, error, duration_ms }: RunSummary): RunEvent[] {
  const first: RunEvent = { type: 'run-started', at: started_at, run_id: id, workflow, file, offline: false, steps: [] };
  if (duration_ms === null || status === 'running' || status === 'interrupted') return [first];
  const at = new Date(Date.parse(started_at) + duration_ms).toISOString();
  return [first, { type: 'run-ended', at, run_id: id, status, outputs: {}, error, duration_ms }];
}
