import type { TriggerClause, TriggerMatch } from '../plan/trigger-plan.ts';
import { safeJson, visibleLine } from '../shared/text/safe-text.ts';
import { cutToWidth, displayWidth, indented, type Line, paint, type Span, span } from './line.ts';

/** Result of `threadline match` for a workflow. */
export interface WorkflowMatch {
  id: string;
  file: string;
  matches: boolean;
  /** No trigger starts a disabled workflow. */
  disabled?: true;
  triggers: ({ type: string; place: string } & TriggerMatch)[];
}

const FORMATS = { pretty: prettyText, json: jsonText };

export type MatchFormat = keyof typeof FORMATS;

/** Shows which workflows an event starts, and why: as lines for people, or as a JSON document. */
export const renderMatches = (workflows: readonly WorkflowMatch[], format: MatchFormat, color: boolean): string =>
  FORMATS[format](workflows, color);

function jsonText(workflows: readonly WorkflowMatch[]): string {
  const matched = workflows.filter(({ matches }) => matches).length;
  const all = workflows.map(({ triggers, ...workflow }) => ({
    ...workflow,
    triggers: triggers.map(({ alert = null, error = null, ...trigger }) => ({ ...trigger, error, alert })),
  }));
  return `${safeJson({ matched, workflows: all }, 2)}\n`;
}

function prettyText(workflows: readonly WorkflowMatch[], color: boolean): string {
  const lines = workflows.flatMap(workflowLines);
  return lines.map((line) => `${paint(line, { color })}\n`).join('');
}

function workflowLines({ id, file, matches, disabled, triggers }: WorkflowMatch): Line[] {
  const off = disabled ? [span('  switched off by `disabled`', 'yellow')] : [];
  const head = [mark(matches), span(id, 'bold'), span(`  ${file}`, 'dim'), ...off];
  if (triggers.length === 0) return [head, indented([mark(false), span('it has no triggers: it is started by hand')])];
  return [head, ...triggers.flatMap(triggerLines).map(indented)];
}

function triggerLines({ type, place, matches, clauses, alert, error }: WorkflowMatch['triggers'][number]): Line[] {
  const rows = clauses.flatMap((clause) => rowsOf(clause, 0));
  const width = Math.min(WIDEST, Math.max(...rows.map(({ text }) => displayWidth(text))));
  const added = Object.entries(alert ?? {}).filter(([key]) => key.startsWith('severity_') || key === 'previous_severity');
  return [
    [error ? mark(null) : mark(matches), span(type), span(`  ${place}`, 'dim')],
    ...rows.map((row) => indented(lineOf(row, width))),
    ...(error ? [indented([span(`${error.code}: ${error.message}`, 'red'), span(error.hint ? ` ${error.hint}` : '')])] : []),
    ...added.map(([key, value]) => indented([span(`+ alert.${key}: ${JSON.stringify(value)}`, 'cyan')])),
  ];
}

interface Row {
  holds: boolean | null;
  text: string;
  why: string;
}

/** Column at which the reasons are aligned. */
const WIDEST = 60;

/** Joins the lines of a clause that is folded in the file. */
const rowsOf = ({ text, holds, why, parts = [] }: TriggerClause, depth: number): Row[] => [
  { holds, text: `${'  '.repeat(depth)}${visibleLine(text.replace(/\s+/g, ' '))}`, why },
  ...parts.flatMap((part) => rowsOf(part, depth + 1)),
];

function lineOf({ holds, text, why }: Row, width: number): Line {
  const depth = text.length - text.trimStart().length;
  const gap = ' '.repeat(Math.max(0, width - displayWidth(text)));
  const reason = why === '' ? [] : [span(`${gap}  ${cutToWidth(visibleLine(why), 400)}`, 'dim')];
  return [span(' '.repeat(depth)), mark(holds), span(text.slice(depth)), ...reason];
}

function mark(holds: boolean | null): Span {
  if (holds === null) return span('? ', 'yellow');
  return holds ? span('✓ ', 'green') : span('✗ ', 'red');
}
