import type { RunReport, StepReport } from '../plan/event.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';
import { shorten, visible, visibleLine } from '../shared/text/safe-text.ts';
import { amountText, costText, durationText, tokensText } from './figures.ts';
import { errorBeyondSteps, type RunDetails } from './run-details.ts';
import { stubbedText } from './stubbed.ts';

// GitHub refuses a summary of more than 1 MiB; these limits keep every run below that.
const MOST_ROWS = 300;
const MOST_ERRORS = 20;
const MOST_ITEM_ERRORS = 5;
const LONGEST_NAME = 200;
const LONGEST_MESSAGE = 2000;
const LONGEST_OUTPUTS = 60_000;

const SYMBOLS = { succeeded: '✅', failed: '❌', skipped: '⏭️', cancelled: '🛑', waiting: '⏸️', interrupted: '⏸️' } as const;

/** The report for readers on GitHub: the job's summary, a comment, `-o report.md`. */
export function renderMarkdown(report: RunReport, details: RunDetails): string {
  const { run } = report;
  const parts = [
    `# ${SYMBOLS[run.status]} ${inline(run.workflow)}: ${run.status}`,
    factsLine(report),
    stepTable(report, details),
    ...waitParts(report),
    ...errorParts(report),
    ...outputParts(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function factsLine(report: RunReport): string {
  const { run, usage } = report;
  const facts = [`Run ${inline(run.id)}`, `started ${inline(run.started_at)}`, durationText(run.duration_ms)];
  if (usage.total_tokens !== 0 || usage.cost_usd !== 0) facts.push(tokensText(usage.total_tokens), costText(usage.cost_usd));
  if (run.offline) facts.push('**offline**: answers come from the emulator, not from a model');
  const stubbed = stubbedText(report);
  if (stubbed !== undefined) facts.push(inline(stubbed));
  return facts.join(' · ');
}

function stepTable(report: RunReport, details: RunDetails): string {
  const steps = Object.entries(report.steps);
  if (steps.length === 0) return '';
  const rows = steps.slice(0, MOST_ROWS).map(([name, step]) => {
    const status = `${SYMBOLS[step.status]} ${statusText(name, step, report, details)}`;
    return `| ${inline(name)} | ${status} | ${step.attempts} | ${durationText(step.duration_ms)} |`;
  });
  const table = ['| Step | Status | Attempts | Duration |', '| --- | --- | ---: | ---: |', ...rows].join('\n');
  return steps.length > MOST_ROWS ? `${table}\n\n… and ${amountText(steps.length - MOST_ROWS, 'more step')}` : table;
}

function statusText(name: string, step: StepReport, report: RunReport, details: RunDetails): string {
  const reason = details.reasonOf(name);
  if (step.status === 'skipped' && reason !== undefined) return `skipped (${inline(reason)})`;
  const failed = failedItems(step).length;
  const total = amountText(step.items?.length ?? 0, 'item');
  const items = failed > 0 ? `, ${failed} of ${total}${step.status === 'failed' ? '' : ' failed'}` : '';
  return `${step.status}${items}${details.isTolerated(name, step, report) ? ', allowed' : ''}`;
}

const failedItems = (step: StepReport): { index: number; error: ErrorReport | null }[] =>
  (step.items ?? []).flatMap((item, index) => (item.status === 'failed' ? [{ index, error: item.error }] : []));

function errorParts(report: RunReport): string[] {
  const failed = Object.entries(report.steps).filter(([, step]) => step.status === 'failed' || failedItems(step).length > 0);
  const ofRun = errorBeyondSteps(report);
  const parts = ofRun ? [errorPart('The run', ofRun)] : [];
  for (const [name, step] of failed.slice(0, MOST_ERRORS))
    parts.push(step.error ? errorPart(inline(name), step.error) : `**${inline(name)}**`, ...itemErrorParts(name, step));
  if (failed.length > MOST_ERRORS) parts.push(`… and ${amountText(failed.length - MOST_ERRORS, 'more failed step')}`);
  return parts.length > 0 ? ['## Errors', ...parts] : [];
}

function errorPart(title: string, error: ErrorReport | null): string {
  if (error === null) return '';
  const hint = error.hint === null ? '' : `\nhint: ${shorten(error.hint, LONGEST_MESSAGE)}`;
  return `**${title}** ${inline(error.code)}\n\n${fenced(`${shorten(error.message, LONGEST_MESSAGE)}${hint}`, 'text')}`;
}

function itemErrorParts(name: string, step: StepReport): string[] {
  const failed = failedItems(step);
  const lines = failed.slice(0, MOST_ITEM_ERRORS).map(({ index, error }) => {
    const why = error === null ? 'failed' : inline(`${error.code}: ${error.message}`, LONGEST_MESSAGE / MOST_ITEM_ERRORS);
    return `- ${inline(`${name}[${index}]`)} ${why}`;
  });
  if (failed.length > MOST_ITEM_ERRORS) lines.push(`- … and ${amountText(failed.length - MOST_ITEM_ERRORS, 'more failed item')}`);
  return lines.length > 0 ? [lines.join('\n')] : [];
}

/** The waits come first, because somebody has to act on them. */
function waitParts({ waits = [] }: RunReport): string[] {
  if (waits.length === 0) return [];
  const lines = waits.slice(0, MOST_ROWS).map(({ step, question, signal, until }) => {
    const what = question?.message ?? (signal === null ? undefined : `signal ${signal}`);
    const facts = [
      inline(step),
      ...(what === undefined ? [] : [inline(what, LONGEST_MESSAGE)]),
      ...(until ? [`until ${inline(until)}`] : []),
    ];
    return `- ${facts.join(' ')}`;
  });
  return ['## Waits for', lines.join('\n')];
}

function outputParts({ outputs }: RunReport): string[] {
  if (Object.keys(outputs).length === 0) return [];
  return ['## Outputs', fenced(shorten(JSON.stringify(outputs, null, 2), LONGEST_OUTPUTS), 'json')];
}

/** A code block that its content cannot end: its fence is longer than any run of backticks in it. */
function fenced(text: string, language: string): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${visible(text)}\n${fence}`;
}

/**
 * Text from outside as code: no markup, no HTML, no link, and no mention that would call somebody (GitHub looks for those
 * in the finished page, so only code is safe from it). Backticks cannot hold a backtick, nor a cell's `|` after a backslash.
 */
function inline(text: string, limit: number = LONGEST_NAME): string {
  const line = visibleLine(shorten(text, limit)).trim();
  if (line !== '' && !/[`|]/.test(line)) return `\`${line}\``;
  return `<code>${line.replace(/[&<>|`*_[\]\\~@:!]/g, (character) => `&#${character.charCodeAt(0)};`)}</code>`;
}
