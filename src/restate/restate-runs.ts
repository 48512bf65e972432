import { checkAnswer, checkSignal, isQuestion, type PendingQuestion, refuseSecond } from '../history/answer-approval.ts';
import { candidatesFor, chosenId, type KnownRuns } from '../history/known-runs.ts';
import { documentFrom, waitsOf } from '../history/read-run.ts';
import type { RunSummary } from '../history/run-document.ts';
import type { PendingWait } from '../journal/pending-waits.ts';
import type { RunEvent, WaitReport } from '../plan/event.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { Ingress, reasonOf } from './ingress.ts';
import type { RunAnswer, RunGiven, RunState } from './run-request.ts';
import { RunTable, summaryOfState } from './run-table.ts';
import { RUNS } from './services.ts';

/** The server's status code for a run that has not ended. */
const NOT_READY = 470;

/** How long a worker may take to answer a question about a run. */
const ANSWER_MS = 15_000;

/**
 * The runs of a Restate server. Lists, and beginnings of ids, come from its admin API; everything else from the ingress, which
 * every client that starts runs can reach. All methods may also reject with `connection_failed` and `server_error`.
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

  /** Throws `run_not_found` also for a run that no worker has begun. */
  async state(id: string): Promise<RunState> {
    const state = await this.find(id);
    if (state) return state;
    throw new ThreadlineError('run_not_found', `There is no run \`${id}\` that a worker has begun.`, {
      hint: '`threadline runs list` shows the known runs.',
    });
  }

  async show(id: string): ReturnType<KnownRuns['show']> {
    const [state, ended, given] = await Promise.all([this.state(id), this.outcome(id), this.callHandler(id, 'request')]);
    const known = summaryOfState(id, state);
    const hasEnded = ended !== undefined;
    const summary: RunSummary = hasEnded ? { ...known, waits_for: [], wake_at: null, ...endOf(ended, known) } : known;
    const events = hasEnded && 'report' in ended ? ended.events : eventsOfSummary(summary);
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
    await this.openState(id);
    if ((await this.callHandler(id, 'cancel')) === true) return 'asked';
    throw hasEnded(id);
  }

  async send(id: string, { name, data }: { name: string; data: Json }): Promise<void> {
    checkSignal(id, pending(await this.openState(id)).filter(isQuestion), name);
    await this.callHandler(id, 'send', { name, data });
  }

  async answer(id: string, answer: Parameters<KnownRuns['answer']>[1]): Promise<PendingQuestion> {
    const state = await this.openState(id);
    const { asked, sent } = checkAnswer(id, pending(state).filter(isQuestion), answer);
    const slot = state.waits.find(({ signal }) => signal === asked.name)?.slot ?? 0;
    const earlier = (await this.callHandler(id, 'peek', { name: asked.name, slot })) as { sent?: { data: Json } };
    refuseSecond(id, asked, earlier.sent?.data);
    await this.callHandler(id, 'send', { name: asked.name, data: sent });
    return asked;
  }

  /** The state of a run that has not ended. Throws `run_ended`, also where an operator killed it, which the state does not show. */
  private async openState(id: string): Promise<RunState> {
    const state = await this.state(id);
    if (state.status !== 'ended' && (await this.outcome(id)) === undefined) return state;
    throw hasEnded(id);
  }

  private async find(id: string): Promise<RunState | null> {
    return (await this.callHandler(id, 'state')) as unknown as RunState | null;
  }

  /** Calls a handler of the run, which a worker answers. */
  private async callHandler(id: string, handler: string, body: Json = null): Promise<Json> {
    const late = AbortSignal.timeout(ANSWER_MS);
    try {
      return await this.ingress.call(RUNS, id, handler, body, late);
    } catch (thrown) {
      if (!late.aborted) throw thrown;
      throw new ThreadlineError('connection_failed', 'No worker of the Restate server has answered.', {
        hint: 'Is one running? `threadline worker --register URL` starts it.',
        cause: thrown,
      });
    }
  }

  /** Undefined for a run that has not ended. */
  private async outcome(id: string): Promise<RunAnswer | undefined> {
    const { status, data } = await this.ingress.ask(`/restate/workflow/${RUNS}/${encodeURIComponent(id)}/output`);
    if (status === NOT_READY) return undefined;
    if (status < 300) return data as unknown as RunAnswer;
    return { refusal: { code: 'server_error', message: `The server ended the run: ${reasonOf(data, status)}`, hint: null } };
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

const waitReports = (state: RunState): WaitReport[] => waitsOf(pending(state));

function endOf(ended: RunAnswer, { duration_ms }: RunSummary): Pick<RunSummary, 'status' | 'duration_ms' | 'error'> {
  if ('refusal' in ended) return { status: 'failed', duration_ms: duration_ms ?? 0, error: ended.refusal };
  const { run, error } = ended.report;
  return { status: run.status, duration_ms: run.duration_ms, error };
}

/** The events that follow from the summary, of a run whose own events are not there. */
function eventsOfSummary({ id, workflow, file, started_at, status, error, duration_ms }: RunSummary): RunEvent[] {
  const first: RunEvent = { type: 'run-started', at: started_at, run_id: id, workflow, file, offline: false, steps: [] };
  if (duration_ms === null || status === 'running' || status === 'interrupted') return [first];
  const at = new Date(Date.parse(started_at) + duration_ms).toISOString();
  return [first, { type: 'run-ended', at, run_id: id, status, outputs: {}, error, duration_ms }];
}
