import type { ItemReport, RunReport, StepReport, StepStatus } from '../plan/event.ts';
import { type ErrorReport, errorKind } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { shorten } from '../shared/text/safe-text.ts';
import type { RunDetails } from './run-details.ts';
import { element, escapeText } from './xml.ts';

const LONGEST_OUTPUT = 64 * 1024;
/** Limit for all cases together: V8 strings end at half a gigabyte, and CI servers take far less. */
const LONGEST_OUTPUTS = 32 * 1024 * 1024;
const LONGEST_MESSAGE = 1000;

interface TestCase {
  name: string;
  outcome: 'passed' | 'failure' | 'error' | 'skipped';
  durationMs: number;
  error: ErrorReport | null;
  reason?: string | undefined;
  results: Json;
}

/** The workflow becomes a suite, and each step and each item becomes a case. */
export function renderJunit(report: RunReport, details: RunDetails): string {
  const { run } = report;
  const cases = Object.entries(report.steps).flatMap(([name, step]) => stepCases(name, step, report, details));
  if (report.error && !cases.some(isRed)) cases.push(runCase(report, report.error));
  const counts = countsOf(cases);
  const time = seconds(run.duration_ms);
  const outputLimit = Math.min(LONGEST_OUTPUT, Math.floor(LONGEST_OUTPUTS / Math.max(1, cases.length)));
  const suite = element(
    'testsuite',
    // The schema allows neither milliseconds nor a zone.
    { name: run.workflow, ...counts, time, timestamp: run.started_at.slice(0, 19) },
    [propertiesOf(report), ...cases.map((one) => `\n    ${caseElement(one, run.workflow, outputLimit)}`), '\n  '],
  );
  const suites = element('testsuites', { name: 'threadline', ...counts, time }, [`\n  ${suite}\n`]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${suites}\n`;
}

const isRed = ({ outcome }: TestCase): boolean => outcome === 'failure' || outcome === 'error';

function stepCases(name: string, step: StepReport, report: RunReport, details: RunDetails): TestCase[] {
  const isTolerated = details.isTolerated(name, step, report);
  // `on-error: continue` allows items to fail as `continue-on-error` allows a step to.
  const allowsItems = isTolerated || step.status === 'succeeded';
  const items = (step.items ?? []).map((item, index) => itemCase(name, index, item, allowsItems, details));
  const hasOwnFailure = step.status === 'failed' && !step.items?.some((item) => item.status === 'failed');
  if (items.length > 0 && !hasOwnFailure) return items;
  const { error, results, duration_ms } = step;
  const outcome = outcomeOf(step.status, error, isTolerated);
  return [
    ...items,
    { name, outcome, durationMs: duration_ms, error, reason: details.reasonOf(name), results: items.length > 0 ? null : results },
  ];
}

function itemCase(step: string, index: number, item: ItemReport, isTolerated: boolean, details: RunDetails): TestCase {
  return {
    name: `${step}[${index}]`,
    outcome: outcomeOf(item.status, item.error, isTolerated),
    durationMs: details.itemDurationMs(step, index) ?? 0,
    error: item.error,
    results: item.results,
  };
}

/** A run that failed outside its steps must not look green. */
const runCase = ({ run }: RunReport, error: ErrorReport): TestCase => ({
  name: '(run)',
  outcome: outcomeOf('failed', error, false),
  durationMs: run.duration_ms,
  error,
  results: null,
});

/** In JUnit, a failed check is a failure; a test that could not run is an error. */
function outcomeOf(status: StepStatus, error: ErrorReport | null, isTolerated: boolean): TestCase['outcome'] {
  if (status === 'skipped') return 'skipped';
  if (status === 'succeeded' || isTolerated) return 'passed';
  return error !== null && isOfSurroundings(error.code) ? 'error' : 'failure';
}

function isOfSurroundings(code: string): boolean {
  return code === 'internal' || errorKind(code).exitCode !== 1;
}

function countsOf(cases: TestCase[]): Record<'tests' | 'failures' | 'errors' | 'skipped', number> {
  const counts = { passed: 0, failure: 0, error: 0, skipped: 0 };
  for (const { outcome } of cases) counts[outcome]++;
  return { tests: cases.length, failures: counts.failure, errors: counts.error, skipped: counts.skipped };
}

function propertiesOf({ run, usage, calls }: RunReport): string {
  const properties = {
    run_id: run.id,
    status: run.status,
    offline: String(run.offline),
    ...(calls ? { stubbed: String(calls.some((call) => call.stubbed)) } : {}),
    prompt_tokens: usage.prompt_tokens ?? 'unknown',
    completion_tokens: usage.completion_tokens ?? 'unknown',
    total_tokens: usage.total_tokens ?? 'unknown',
    cost_usd: usage.cost_usd ?? 'unknown',
  };
  const elements = Object.entries(properties).map(([name, value]) => `\n      ${element('property', { name, value })}`);
  return `\n    ${element('properties', {}, [...elements, '\n    '])}`;
}

function caseElement(
  { name, outcome, durationMs, error, reason, results }: TestCase,
  workflow: string,
  outputLimit: number,
): string {
  const children: string[] = [];
  const detail = error === null ? '' : escapeText(shorten(errorText(error), outputLimit));
  if (outcome === 'skipped') children.push(element('skipped', { message: reason }));
  else if (outcome !== 'passed') {
    const message = error === null ? undefined : shorten(error.message, LONGEST_MESSAGE);
    children.push(element(outcome, { message, type: error?.code }, [detail]));
  }
  if (results !== null) children.push(element('system-out', {}, [escapeText(shorten(JSON.stringify(results), outputLimit))]));
  // A failure that was tolerated does not count, but is not hidden either.
  if (outcome === 'passed' && error !== null) children.push(element('system-err', {}, [detail]));
  return element('testcase', { name, classname: workflow, time: seconds(durationMs) }, children);
}

const errorText = ({ code, message, hint }: ErrorReport): string =>
  `${code}: ${message}${hint === null ? '' : `\nhint: ${hint}`}`;

const seconds = (durationMs: number): string => (durationMs / 1000).toFixed(3);
