import { extname } from 'node:path';
import type { RunEvent, RunReport } from '../plan/event.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { GithubReporter } from './github.ts';
import { jsonlReporter, jsonReporter, renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { PrettyReporter } from './pretty.ts';
import type { Reporter, ReporterStreams } from './reporter.ts';
import { RunDetails } from './run-details.ts';

export type { Reporter, ReporterStreams } from './reporter.ts';

const REPORTERS = {
  pretty: (streams: ReporterStreams): Reporter => new PrettyReporter(streams),
  json: jsonReporter,
  jsonl: jsonlReporter,
  github: (streams: ReporterStreams): Reporter => new GithubReporter(streams),
} as const;

const FILES: Record<string, (report: RunReport, details: RunDetails) => string> = {
  '.json': renderJson,
  '.xml': renderJunit,
  '.md': renderMarkdown,
};

export type ReportFormat = keyof typeof REPORTERS;

/** Values of `--format`. */
export const REPORT_FORMATS = Object.keys(REPORTERS) as ReportFormat[];

/** Makes the reporter for a `--format`. */
export const createReporter = (format: ReportFormat, streams: ReporterStreams): Reporter => REPORTERS[format](streams);

/**
 * Renders a report file in the format of its extension: `.json`, `.xml` (JUnit) or `.md`. The run's events add facts that the
 * report lacks: how long each item took, why steps were skipped, which failures were tolerated.
 * Throws `invalid_usage` for any other extension; `checkReportPath` asks before the run has cost anything.
 */
export function renderFile(path: string, report: RunReport, events: Iterable<RunEvent> = []): string {
  return rendererOf(path)(report, RunDetails.of(events));
}

/** Throws `invalid_usage` if `renderFile` has no format for the path. */
export function checkReportPath(path: string): void {
  rendererOf(path);
}

function rendererOf(path: string): (report: RunReport, details: RunDetails) => string {
  const render = FILES[extname(path).toLowerCase()];
  if (render) return render;
  throw new ThreadlineError('invalid_usage', `No report can be written to \`${path}\`: its extension names no format.`, {
    hint: 'Use .json, .xml (JUnit) or .md.',
  });
}
