import type { RunEvent, RunReport } from '../plan/event.ts';
import { safeJson, shorten } from '../shared/text/safe-text.ts';
import { type Line, paint, span } from './line.ts';
import type { Reporter, ReporterStreams } from './reporter.ts';
import { errorBeyondSteps } from './run-details.ts';
import { waitingLine } from './run-lines.ts';
import { originOf } from './step-lines.ts';

const LONGEST_PROBLEM = 1000;

/** The document that `--format json` prints and `-o x.json` writes. */
export const renderJson = (report: RunReport): string => `${safeJson(report, 2)}\n`;

/** Writes a single document to stdout at the end, and errors, warnings and waits to stderr as they happen. */
export function jsonReporter({ stdout, stderr, color, verbosity }: ReporterStreams): Reporter {
  const print = (line: Line) => stderr.write(`${paint(line, { color })}\n`);
  return {
    onEvent(event) {
      // Explains why there is no output for minutes.
      if (event.type === 'run-waiting' && verbosity >= 0) print(waitingLine(event));
      const problem = problemOf(event);
      if (problem && (problem.isError || verbosity >= 0)) print(problemLine(problem));
    },
    end(report) {
      const error = errorBeyondSteps(report);
      if (error) print(problemLine({ isError: true, source: report.run.workflow, text: `${error.code}: ${error.message}` }));
      stdout.write(renderJson(report));
    },
  };
}

/** Writes each event at once, one per line. */
export const jsonlReporter = ({ stdout }: ReporterStreams): Reporter => ({
  onEvent: (event) => {
    stdout.write(`${safeJson(event)}\n`);
  },
});

interface Problem {
  isError: boolean;
  source: string;
  text: string;
}

function problemOf(event: RunEvent): Problem | undefined {
  if (event.type === 'log' && (event.level === 'error' || event.level === 'warning')) {
    return { isError: event.level === 'error', source: originOf(event), text: event.message };
  }
  if (event.type !== 'step-ended' || event.status !== 'failed' || event.error === null) return undefined;
  return { isError: !event.tolerated, source: event.step, text: `${event.error.code}: ${event.error.message}` };
}

function problemLine({ isError, source, text }: Problem): Line {
  const label = isError ? span('error: ', 'red') : span('warning: ', 'yellow');
  return [label, span(`${source}: ${shorten(text, LONGEST_PROBLEM)}`)];
}
