import type { Difference, RunComparison, RunSummary } from '../history/run-document.ts';
import type { Json } from '../shared/json/json.ts';
import { shorten } from '../shared/text/safe-text.ts';
import { costText, durationText, tokensText } from './figures.ts';
import { indented, type Line, linesOf, paint, span } from './line.ts';
import { STATUS_STYLES } from './run-list.ts';
import type { ListOptions } from './table.ts';
import { agoText } from './times.ts';

/** Longer pairs of values are shown on two lines. */
const LONGEST_PAIR = 70;
const LONGEST_VALUE = 600;
/** Length of the common text shown before the first difference. */
const SAME_IN_FRONT = 20;
const MOST_STEPS = 5;

/** Shows the differences between two runs, and their durations. */
export function renderComparison(comparison: RunComparison, { color, nowMs }: ListOptions): string {
  const { before, after, sources, differences, incidental, figures } = comparison;
  const lines = [
    runLine('a', before, nowMs),
    runLine('b', after, nowMs),
    [],
    ...(sources === null ? [] : [...sourceLines(sources), []]),
    ...(differences.length === 0 ? [[span('the same, but for ids and times', 'green')]] : differences.flatMap(differenceLines)),
    ...(differences.length === 0 || incidental.length === 0 ? [] : [[span(`and ${incidental.length} ids and times`, 'dim')]]),
    ...figureLines(figures),
  ];
  return lines.map((line) => `${paint(line, { color }).trimEnd()}\n`).join('');
}

const runLine = (name: string, { id, workflow, status, started_at }: RunSummary, nowMs: number): Line => [
  span(`${name}  `, 'dim'),
  span(id),
  span(`  ${workflow}  `, 'bold'),
  span(status, STATUS_STYLES[status]),
  span(`  ${agoText(started_at, nowMs)}`, 'dim'),
];

const sourceLines = (diff: string): Line[] =>
  diff
    .replace(/^--- (.*) \(as the run began\)$/gm, '--- $1 (a)')
    .replace(/^\+\+\+ (.*)$/gm, '+++ $1 (b)')
    .split('\n')
    .flatMap((line) => linesOf(line, line.startsWith('-') ? 'red' : line.startsWith('+') ? 'green' : 'dim'));

function differenceLines({ path, before, after }: Difference): Line[] {
  const name = span(path, 'bold');
  if (before === undefined) return [[span('+ ', 'green'), name, span(`: ${textOf(after)}`, 'green')]];
  if (after === undefined) return [[span('- ', 'red'), name, span(`: ${textOf(before)}`, 'red')]];
  const [was, is] = [textOf(before), textOf(after)];
  if (was.length + is.length <= LONGEST_PAIR)
    return [[span('~ ', 'yellow'), name, span(': '), span(was, 'red'), span(' → '), span(is, 'green')]];
  const same = Math.max(0, sameInFront(was, is) - SAME_IN_FRONT);
  const end = (text: string) => `${same > 0 ? '…' : ''}${shorten(text.slice(same), LONGEST_VALUE)}`;
  return [[span('~ ', 'yellow'), name], [span(`- ${end(was)}`, 'red')], [span(`+ ${end(is)}`, 'green')]].map((line, index) =>
    index === 0 ? line : indented(line),
  );
}

const textOf = (value: Json | undefined): string => shorten(JSON.stringify(value ?? null), 20 * LONGEST_VALUE);

function sameInFront(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** Durations of the runs, and of the steps whose durations differ most. */
function figureLines(figures: readonly Difference[]): Line[] {
  const shown = figures.filter(({ path }) => path in RUN_FIGURES);
  const steps = figures
    .filter(({ path }) => path.startsWith('steps') && path.endsWith('.duration_ms'))
    .sort((one, other) => changeOf(other) - changeOf(one))
    .slice(0, MOST_STEPS);
  const lines = [
    ...shown.map((figure) => figureLine(figure, RUN_FIGURES[figure.path] ?? String)),
    ...steps.map((figure) => figureLine(figure, durationOf)),
  ];
  return lines.length === 0 ? [] : [[], ...lines];
}

const changeOf = ({ before, after }: Difference): number => Math.abs(Number(after ?? 0) - Number(before ?? 0));
const durationOf = (value: Json): string => durationText(Number(value));

const RUN_FIGURES: Record<string, (value: Json) => string> = {
  'run.duration_ms': durationOf,
  'run.total_tokens': (value) => tokensText(value as number | null),
  'run.cost_usd': (value) => costText(value as number | null),
};

const figureLine = ({ path, before = null, after = null }: Difference, text: (value: Json) => string): Line => [
  span(`${path.replace(/\.duration_ms$/, '')}: ${text(before)} → ${text(after)}`, 'dim'),
];
