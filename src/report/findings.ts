import type { Finding } from '../provider/contract.ts';
import { errorKind } from '../shared/errors/errors.ts';
import { safeJson } from '../shared/text/safe-text.ts';
import { type Line, linesOf, paint, type Style, span } from './line.ts';

const MARKS: Record<Finding['status'], [mark: string, style: Style]> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  problem: ['✗', 'red'],
  skipped: ['-', 'dim'],
};

/** Wide enough for the names of most checks. */
const WIDTH = 10;

/** Shows a finding to people: a mark, the check, the result, and below it the advice. */
export function findingText({ check, status, message, hint, steps = [] }: Finding, color: boolean): string {
  const [mark, style] = MARKS[status];
  const margin = span(' '.repeat(WIDTH + 3));
  const [first = [], ...rest] = linesOf(message, status === 'skipped' ? 'dim' : undefined);
  const named = steps.length === 0 ? [] : [span(`  (${steps.join(', ')})`, 'dim')];
  const lines: Line[] = [
    [span(mark, style), span(` ${check.padEnd(WIDTH)} `), ...first, ...named],
    ...[...rest, ...(hint === undefined ? [] : linesOf(hint, 'cyan'))].map((line) => [margin, ...line]),
  ];
  return lines.map((line) => `${paint(line, { color })}\n`).join('');
}

export const findingsJson = (findings: readonly Finding[]): string => `${safeJson(findings, 2)}\n`;

/** Credentials and configuration come first: the other checks depend on them. */
export function exitCodeOfFindings(findings: readonly Finding[]): number {
  const codes = findings.flatMap(({ status, code }) => (status === 'problem' ? [errorKind(code ?? 'step_failed').exitCode] : []));
  if (codes.length === 0) return 0;
  return [3, 2].find((code) => (codes as number[]).includes(code)) ?? 1;
}
