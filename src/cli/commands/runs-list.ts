import type { KnownRuns } from '../../history/known-runs.ts';
import { HISTORY_STATUSES, type RunSummary } from '../../history/run-document.ts';
import type { RunFilter } from '../../journal/run-store.ts';
import { engineOption } from '../options/run-flags.ts';
import { usesColor } from '../terminal/color.ts';
import type { Command, Values } from '../terminal/command-line.ts';

/** How many rows are in memory at once. */
const PAGE = 500;

export const runsListCommand: Command = {
  name: 'runs list',
  summary: 'list runs, the latest first',
  options: {
    ...engineOption,
    workflow: { value: 'id', description: 'of this workflow' },
    status: { value: 'status', choices: HISTORY_STATUSES, description: 'that are so' },
    since: { value: 'duration', description: 'that started within this time, such as 2h or 7d' },
    limit: { value: 'number', default: '20', description: 'how many' },
    before: { value: 'run', description: 'that came before this one: the next page' },
    format: { value: 'format', choices: ['pretty', 'json', 'jsonl'], default: 'pretty', description: 'what is printed' },
  },
  run: list,
};

type History = typeof import('../project/history.ts');

async function list(values: Values): Promise<number> {
  const history = await import('../project/history.ts');
  const limit = history.countOf('limit', values.text('limit') ?? '');
  const nowMs = Date.now();
  return history.withRuns(values, async (known, { environment }) => {
    const filter = await filterOf(values, known, history, nowMs);
    if (values.text('format') === 'jsonl') return printLines(pagesOf(known, filter, limit), history);
    const { stdout, stderr } = process;
    // An extra row tells whether there is a next page.
    const found = await allOf(pagesOf(known, filter, limit + 1));
    const runs = found.slice(0, limit);
    const next = found.length > limit ? (runs.at(-1)?.id ?? null) : null;
    if (values.text('format') === 'json') stdout.write(`${history.safeJson({ runs, next }, 2)}\n`);
    else stdout.write(history.renderRunList(runs, { color: usesColor(environment, stdout), columns: stdout.columns, nowMs }));
    if (values.text('format') === 'pretty' && next !== null) stderr.write(`older ones: --before ${next}\n`);
    if (values.text('format') === 'pretty' && runs.length === 0) stderr.write('no runs\n');
    return 0;
  });
}

async function filterOf(values: Values, known: KnownRuns, { spanMs }: History, nowMs: number): Promise<RunFilter> {
  const [since, before] = [values.text('since'), values.text('before')];
  return {
    workflow: values.text('workflow'),
    status: values.text('status') as RunFilter['status'],
    sinceMs: since === undefined ? undefined : nowMs - spanMs('since', since),
    before: before === undefined ? undefined : await known.idOf(before),
  };
}

async function printLines(pages: AsyncIterable<RunSummary[]>, { print, safeJson }: History): Promise<number> {
  for await (const page of pages) {
    const lines = page.map((run) => `${safeJson(run)}\n`);
    if (!(await print(lines.join('')))) break;
  }
  return 0;
}

async function allOf(pages: AsyncIterable<RunSummary[]>): Promise<RunSummary[]> {
  const all: RunSummary[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

/** The runs that the filter lets through. */
async function* pagesOf(runs: KnownRuns, filter: RunFilter, limit: number): AsyncGenerator<RunSummary[]> {
  let { before } = filter;
  for (let left = limit; left > 0; left -= PAGE) {
    const page = await runs.list({ ...filter, before, limit: Math.min(left, PAGE) });
    yield page;
    if (page.length < Math.min(left, PAGE)) return;
    before = page.at(-1)?.id;
  }
}
