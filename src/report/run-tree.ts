import type { FailedAttemptDocument, HistoryStatus, RunDocument, ToolCallDocument } from '../history/run-document.ts';
import type { Usage } from '../plan/event.ts';
import type { Json } from '../shared/json/json.ts';
import { shortJson } from '../shared/text/safe-text.ts';
import { amountText, costText, durationText, tokensText } from './figures.ts';
import { indented, type Line, type Span, span } from './line.ts';
import { errorLines, errorSpans, stackLines } from './step-lines.ts';
import { type StepNode, treeOf } from './step-tree.ts';
import { valueLines } from './value-lines.ts';

const LONGEST_VALUE = 400;
const LONGEST_REASON = 200;
const MOST_ITEMS = 20;

/** Values are shown as far as they fit into a line, or completely. */
export interface Extent {
  isWhole: boolean;
  status: HistoryStatus;
}

/** The steps of a run, with nested steps below their parents. */
export const treeLines = (run: RunDocument): Line[] =>
  treeOf(run).flatMap((node) => nodeLines(node, { isWhole: false, status: run.run.status }));

/** A step with its nested steps. */
export function nodeLines(node: StepNode, extent: Extent): Line[] {
  const { step, facts, children } = node;
  const own = (calls: readonly { item?: number }[]) => calls.filter(({ item }) => item === undefined);
  return [
    headOf(node, extent.status),
    ...[
      ...(step ? valueRows('with', step.inputs, extent) : []),
      ...toolLines(own(facts.tool_calls) as ToolCallDocument[], extent),
      ...own(facts.attempts_failed).map((attempt) => attemptLine(attempt as FailedAttemptDocument)),
      ...errorLines(step?.error ?? null),
      ...(extent.isWhole ? stackLines(step?.error ?? null, true) : []),
      ...(children.get(undefined) ?? []).flatMap((child) => nodeLines(child, { ...extent, isWhole: false })),
      ...itemsLines(node, extent),
      // Calls of nested steps are shown with those.
      ...(step && children.size === 0 && !step.items ? valueRows('results', step.results, extent) : []),
    ].map(indented),
  ];
}

function headOf({ name, step, facts, children }: StepNode, status: HistoryStatus): Line {
  const line = [symbolOf(step, status), span(name, 'bold'), ...(facts.provider ? [span(`  ${facts.provider}`, 'dim')] : [])];
  if (!step)
    return [...line, span(`  ${status === 'running' ? 'under way' : status}`, status === 'interrupted' ? 'red' : 'yellow')];
  if (step.status === 'skipped')
    return [...line, span(`  skipped${step.reason ? ` (${step.reason.slice(0, LONGEST_REASON)})` : ''}`, 'dim')];
  const items = step.items ?? [];
  const failed = items.filter((item) => item.status === 'failed').length;
  if (failed > 0) line.push(span(`  ${failed}/${items.length} failed`, 'red'));
  else if (step.items) line.push(span(`  ${amountText(items.length, 'item')}`, 'dim'));
  if (step.status === 'failed' && step.tolerated) line.push(span('  failed, allowed', 'yellow'));
  if (step.attempts > 1) line.push(span(`  ${step.attempts} attempts`, 'yellow'));
  const isMetered = facts.usage !== null && (children.size === 0 || facts.usage.total_tokens !== 0);
  return [...line, span(`  ${durationText(step.duration_ms)}${isMetered ? meterText(facts.usage) : ''}`, 'dim')];
}

const meterText = (usage: Usage | null): string =>
  usage === null ? '' : `  ${tokensText(usage.total_tokens)}  ${costText(usage.cost_usd)}`;

function symbolOf(step: { status: string; tolerated?: boolean } | undefined, status: HistoryStatus): Span {
  if (!step) return status === 'waiting' ? span('‖ ', 'yellow') : status === 'running' ? span('▸ ', 'cyan') : span('✗ ', 'red');
  if (step.status === 'skipped') return span('- ', 'dim');
  if (step.status === 'succeeded') return span('✓ ', 'green');
  return step.tolerated ? span('! ', 'yellow') : span('✗ ', 'red');
}

function toolLines(calls: readonly ToolCallDocument[], extent: Extent): Line[] {
  return calls.flatMap(({ tool, arguments: given, output, error, duration_ms }): Line[] => {
    const took = duration_ms === null ? '  not ended' : `  ${durationText(duration_ms)}`;
    const call: Line = [span(`→ ${tool}`, 'cyan'), span(took, 'dim')];
    if (extent.isWhole) {
      const ended = error === null ? valueRows('output', output, extent) : [[span(`failed: ${error}`, 'red')]];
      return [call, ...[...valueRows('arguments', given, extent), ...(duration_ms === null ? [] : ended)].map(indented)];
    }
    const head: Line = [span(`→ ${tool}(${shortJson(given, LONGEST_VALUE)})`, 'cyan'), span(took, 'dim')];
    if (duration_ms === null) return [head];
    if (error !== null) return [head, [span(`← failed: ${error.slice(0, LONGEST_VALUE)}`, 'red')]];
    return [head, [span(`← ${shortJson(output, LONGEST_VALUE)}`, 'cyan')]];
  });
}

function attemptLine({ attempt, error, delay_ms }: FailedAttemptDocument): Line {
  const next = delay_ms > 0 ? `next in ${durationText(delay_ms)}` : 'next at once';
  return [span(`↻ attempt ${attempt} failed, ${next}: `, 'yellow'), ...errorSpans(error)];
}

/** The first items, and all failed ones. */
function itemsLines(node: StepNode, extent: Extent): Line[] {
  const items = node.step?.items ?? [];
  const count = Math.max(items.length, ...[...node.children.keys()].map((item) => (item ?? -1) + 1));
  const indexes = Array.from({ length: count }, (_, index) => index);
  const shown = indexes.filter((index) => extent.isWhole || index < MOST_ITEMS || items[index]?.status === 'failed');
  const visible = extent.isWhole ? shown : shown.slice(0, 2 * MOST_ITEMS);
  const left = count - visible.length;
  return [
    ...visible.flatMap((index) => itemLines(node, index, extent)),
    ...(left > 0 ? [[span(`… and ${amountText(left, 'more item')}`, 'dim')]] : []),
  ];
}

function itemLines({ step, facts, children }: StepNode, index: number, extent: Extent): Line[] {
  const item = step?.items?.[index];
  const ofItem = (one: { item?: number }) => one.item === index;
  const took = item?.duration_ms === undefined || item.duration_ms === null ? '' : `  ${durationText(item.duration_ms)}`;
  const within = children.get(index) ?? [];
  return [
    [symbolOf(item, extent.status), span(`[${index}]`), span(took, 'dim')],
    ...[
      ...toolLines(facts.tool_calls.filter(ofItem), extent),
      ...facts.attempts_failed.filter(ofItem).map(attemptLine),
      // A failed nested step shows the reason.
      ...(within.some((one) => one.step?.error) ? [] : errorLines(item?.error ?? null)),
      ...within.flatMap((child) => nodeLines(child, { ...extent, isWhole: false })),
      ...(item && within.length === 0 ? valueRows('results', item.results, extent) : []),
    ].map(indented),
  ];
}

function valueRows(label: string, value: Json, { isWhole }: Extent): Line[] {
  if (value === null) return [];
  if (!isWhole) return [[span(`${label}: `, 'dim'), span(shortJson(value, LONGEST_VALUE))]];
  return [[span(`${label}:`, 'dim')], ...valueLines(value).map(indented)];
}
