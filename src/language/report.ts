import type { DataPath } from '../shared/json/json.ts';
import type { SchemaIssue } from '../shared/schema/check-schema.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';
import type { ParsedFile } from './parse.ts';

interface Problem {
  code: DiagnosticCode;
  message: string;
  hint?: string;
  severity?: Diagnostic['severity'];
}

/** Collects the diagnostics of a file. */
export interface Report {
  diagnostics: Diagnostic[];
  at(path: DataPath, problem: Problem, part?: 'key' | 'value'): void;
  /** Reports a problem in a part of the string at `path`. */
  inside(path: DataPath, problem: Problem, piece: { offset: number; length: number }): void;
  issues(path: DataPath, issues: SchemaIssue[]): void;
}

export function reportOn(parsed: ParsedFile): Report {
  const diagnostics = [...parsed.problems];
  const add = ({ code, message, hint, severity = 'error' }: Problem, place: Diagnostic['place']) => {
    diagnostics.push({ severity, code, message, ...(hint === undefined ? {} : { hint }), place });
  };
  const report: Report = {
    diagnostics,
    at: (path, problem, part) => add(problem, parsed.locate(path, part)),
    inside: (path, problem, piece) => add(problem, parsed.locateInside(path, piece.offset, piece.length)),
    issues(path, issues) {
      for (const issue of issues) {
        const full = [...path, ...issue.path];
        const subject = issue.path.at(-1);
        // `retry.attempts must be a whole number` reads better than the bare rule.
        const names = issue.code === 'wrong-type' || issue.code === 'invalid-value';
        const message = names && subject !== undefined ? `\`${subjectText(issue.path)}\` ${issue.message}` : issue.message;
        const onKey = issue.code === 'unknown-key' || issue.code === 'missing-key';
        report.at(full, { ...issue, message }, onKey ? 'key' : 'value');
      }
    },
  };
  return report;
}

/** `on[0]` for an item, the key itself otherwise. */
function subjectText(path: DataPath): string {
  const lastKey = path.findLastIndex((step) => typeof step === 'string');
  return path
    .slice(Math.max(lastKey, 0))
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index > 0 ? `.${step}` : step))
    .join('');
}
