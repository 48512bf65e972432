import type { RunReport, RunStatus } from '../plan/event.ts';
import { shorten } from '../shared/text/safe-text.ts';
import { amountText, costText, durationText, tokensText } from './figures.ts';
import { indented, type Line, span } from './line.ts';
import type { EventOf } from './reporter.ts';
import { errorBeyondSteps } from './run-details.ts';
import { errorLines } from './step-lines.ts';
import { stubbedText } from './stubbed.ts';

const OFFLINE = 'offline: answers come from the emulator, not from a model';
const LONGEST_KEY = 200;
const LONGEST_QUESTION = 1000;

export function runStartLines({ workflow, file, run_id, offline }: EventOf<'run-started'>): Line[] {
  const line: Line = [span(workflow, 'bold'), span(`  ${file}  run ${run_id}`, 'dim')];
  return offline ? [line, [span(OFFLINE, 'yellow')]] : [line];
}

/** Line for a run that waits before its start. */
export const waitingLine = ({ workflow, key, holder }: EventOf<'run-waiting'>): Line => [
  span('‖ ', 'yellow'),
  span(workflow, 'bold'),
  span(`  waits for run ${holder}, which holds ${shorten(key, LONGEST_KEY)}`, 'dim'),
];

/** Line for a step that had not ended with the run: it was stopped, or the run waits for it. */
export function unendedStepLine(step: string, provider: string, status: RunStatus): Line {
  const line: Line = [span(step, 'bold'), span(`  ${provider}`, 'dim')];
  if (status === 'waiting') return [span('‖ ', 'yellow'), ...line, span('  waits', 'yellow')];
  return [span('✗ ', 'red'), ...line, span('  stopped', 'red')];
}

/** Names the stubbed calls; nothing for a run without stubs. */
export function stubbedLines(report: RunReport): Line[] {
  const text = stubbedText(report);
  return text === undefined ? [] : [[span(text, 'yellow')]];
}

/** The result of the run in a line, and its error unless a step has shown it. */
export function runEndLines(report: RunReport): Line[] {
  const figures = [stepsText(report), usageText(report)].filter((text) => text !== '').map((text) => span(`  ${text}`, 'dim'));
  const offline = report.run.offline ? [span('  offline', 'yellow')] : [];
  const more = [...errorLines(errorBeyondSteps(report)), ...waitLines(report)];
  return [[...statusSpans(report), ...figures, ...offline], ...more.map(indented)];
}

function statusSpans({ run: { id, workflow, status, duration_ms } }: RunReport): Line {
  const duration = durationText(duration_ms);
  switch (status) {
    case 'succeeded':
      return [span('✓ ', 'green'), span(workflow, 'bold'), span(` succeeded in ${duration}`)];
    case 'waiting':
      return [span('‖ ', 'yellow'), span(workflow, 'bold'), span(` waits: threadline runs resume ${id}`)];
    case 'interrupted':
      return [span('‖ ', 'yellow'), span(workflow, 'bold'), span(` was interrupted: threadline runs resume ${id}`)];
    default:
      return [span('✗ ', 'red'), span(workflow, 'bold'), span(` ${status} after ${duration}`)];
  }
}

/** The waits of the run, with the commands that answer them. */
export function waitLines({ run: { id }, waits = [] }: { run: { id: string } } & Pick<RunReport, 'waits'>): Line[] {
  const questions = waits.filter(({ question }) => question !== undefined);
  return waits.flatMap(({ step, signal, until, question }) => {
    const end = until === null ? [] : [span(`  until ${until}`, 'dim')];
    if (!question) return [[span(signal === null ? step : `${step}  signal ${signal}`), ...end]];
    const which = questions.length > 1 ? ` --step ${signal}` : '';
    const answer = `threadline runs resume ${id} --approve|--reject${which}`;
    return [[span(`${signal}  `), span(shorten(question.message, LONGEST_QUESTION), 'bold'), ...end], [span(answer, 'dim')]];
  });
}

export function stepsText({ steps }: Pick<RunReport, 'steps'>): string {
  const statuses = Object.values(steps).map((step) => step.status);
  const failed = statuses.filter((status) => status === 'failed').length;
  const skipped = statuses.filter((status) => status === 'skipped').length;
  const parts = [amountText(statuses.length, 'step')];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(', ');
}

/** Empty for a run without model calls. */
export function usageText({ usage }: Pick<RunReport, 'usage'>): string {
  if (usage.total_tokens === 0 && usage.cost_usd === 0) return '';
  return `${tokensText(usage.total_tokens)}  ${costText(usage.cost_usd)}`;
}
