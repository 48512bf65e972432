import type { RunDocument } from '../history/run-document.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import { shortJson } from '../shared/text/safe-text.ts';
import { durationText } from './figures.ts';
import { indented, type Line, paint, span } from './line.ts';
import { errorBeyondSteps } from './run-details.ts';
import { stepsText, usageText, waitLines } from './run-lines.ts';
import { noteOf, STATUS_STYLES } from './run-list.ts';
import { nodeLines, treeLines } from './run-tree.ts';
import { errorLines } from './step-lines.ts';
import { type StepNode, treeOf } from './step-tree.ts';
import type { ListOptions } from './table.ts';
import { agoText, localTime } from './times.ts';

const LONGEST_VALUE = 2000;

/** Shows a run to people: its input, its steps as a tree, its result, and how to resume it. */
export function renderRun(run: RunDocument, options: ListOptions): string {
  const lines = [...headLines(run, options.nowMs), [], ...treeLines(run), ...footLines(run, options.nowMs)];
  return painted(lines, options);
}

/** Shows a step with complete values. */
export function renderStep(run: RunDocument, name: string, options: ListOptions): string {
  const node = nodeOf(treeOf(run), name);
  const lines = node ? nodeLines({ ...node, name }, { isWhole: true, status: run.run.status }) : [];
  return painted(lines, { ...options, columns: undefined });
}

function headLines({ run, request, rerun_of, ...rest }: RunDocument, nowMs: number): Line[] {
  const figures = [stepsText(rest), usageText(rest)].filter((text) => text !== '').join('  ');
  const started = agoText(run.started_at, nowMs);
  const local = localTime(run.started_at);
  return [
    [span(run.workflow, 'bold'), span(`  ${run.file}  run ${run.id}`, 'dim')],
    [
      span(run.status, STATUS_STYLES[run.status]),
      span(run.status === 'waiting' ? '' : ` ${run.status === 'running' ? 'for' : 'after'} ${durationText(run.duration_ms)}`),
      span(`  started ${started === local ? local : `${started} (${local})`}`, 'dim'),
    ],
    [span(`  ${figures}`, 'dim'), ...(run.offline ? [span('  offline', 'yellow')] : [])],
    ...(rerun_of === null ? [] : [[span(`  does again ${rerun_of}`, 'dim')]]),
    ...requestLines(request),
  ];
}

function requestLines({ inputs, alert, incident }: RunDocument['request']): Line[] {
  const given: [string, JsonObject | undefined][] = [
    ['inputs', Object.keys(inputs).length > 0 ? inputs : undefined],
    ['alert', alert],
    ['incident', incident],
  ];
  return given.flatMap(([name, value]) => (value === undefined ? [] : [labelled(name, value)])).map(indented);
}

function footLines(run: RunDocument, nowMs: number): Line[] {
  const results = Object.keys(run.outputs).length > 0 ? [labelled('outputs', run.outputs)] : [];
  const lines = [...results, ...errorLines(errorBeyondSteps(run)), ...standLines(run, nowMs)];
  return lines.length > 0 ? [[], ...lines] : [];
}

/** The waits of an unfinished run, and the command that resumes it. */
function standLines(run: RunDocument, nowMs: number): Line[] {
  const { id, status } = run.run;
  if (status !== 'waiting' && status !== 'interrupted') return [];
  const { waits = [] } = run;
  const note = noteOf({ ...run, status }, nowMs);
  const resume: Line[] = waits.some(({ question }) => question) ? [] : [[span(`threadline runs resume ${id}`, 'dim')]];
  return [[span('‖ ', 'yellow'), span(note)], ...[...waitLines(run), ...resume].map(indented)];
}

const labelled = (name: string, value: Json): Line => [span(`${name}: `, 'dim'), span(shortJson(value, LONGEST_VALUE))];

function nodeOf(nodes: readonly StepNode[], name: string, prefix = ''): StepNode | undefined {
  for (const node of nodes) {
    const full = prefix + node.name;
    if (full === name) return node;
    for (const [item, children] of node.children) {
      const found = nodeOf(children, name, `${full}${item === undefined ? '' : `[${item}]`}/`);
      if (found) return found;
    }
  }
  return undefined;
}

/** Errors are never shortened; values are. */
function painted(lines: readonly Line[], { color, columns }: ListOptions): string {
  const options = columns === undefined ? { color } : { color, columns };
  const isError = (line: Line) => line.some(({ style }) => style === 'red');
  return lines.map((line) => `${paint(line, isError(line) ? { color } : options).trimEnd()}\n`).join('');
}
