import { appendFileSync } from 'node:fs';
import type { RunEvent, RunReport } from '../plan/event.ts';
import { safeJson } from '../shared/text/safe-text.ts';
import { type Annotation, Annotations, END_GROUP, groupCommand } from './github-commands.ts';
import { GroupLog } from './group-log.ts';
import { indented, type Line, paint, span } from './line.ts';
import { renderMarkdown } from './markdown.ts';
import type { EventOf, Reporter, ReporterStreams } from './reporter.ts';
import { RunDetails } from './run-details.ts';
import { runEndLines, runStartLines, stubbedLines, unendedStepLine, waitingLine } from './run-lines.ts';
import { RunningSteps } from './running-steps.ts';
import { bodyLines, originOf, stepEndLines } from './step-lines.ts';
import { TextLines } from './text-lines.ts';

/**
 * For GitHub Actions: a folded group for each step, annotations, and the job's summary. All on stdout, where the runner
 * looks for commands. Text from outside passes `paint`, which disarms commands in it; `::stop-commands::` would have to be
 * switched off and on around each of our own, and fails open once a step is killed in between.
 */
export class GithubReporter implements Reporter {
  private readonly streams: ReporterStreams;
  private readonly log: GroupLog;
  private readonly annotations = new Annotations();
  private readonly text = new TextLines();
  private readonly running = new RunningSteps();
  private readonly details = new RunDetails();
  private file: string | undefined;

  constructor(streams: ReporterStreams) {
    this.streams = streams;
    this.log = new GroupLog(streams.stdout);
  }

  onEvent(event: RunEvent): void {
    this.running.note(event, Date.parse(event.at));
    this.details.note(event);
    if (event.type === 'run-waiting') this.waitForRun(event);
    else if (event.type === 'run-started') this.startRun(event);
    else if (event.type === 'step-started') this.startStep(event);
    else if (event.type === 'text-delta')
      this.writeText(event.step, originOf(event), this.text.push(originOf(event), event.text));
    else if (event.type === 'step-ended') this.endStep(event);
    else if (event.type === 'run-ended') this.endRun(event);
    else this.writeBody(event);
  }

  end(report: RunReport): void {
    if (Object.keys(report.outputs).length > 0) {
      // JSON never begins a line with `::`, and safeJson leaves no `##[` in it.
      this.log.writeNow([groupCommand('Outputs'), safeJson(report.outputs, 2), END_GROUP]);
    }
    const [status = '', ...error] = painted(runEndLines(report));
    if (!this.isQuiet || report.run.status !== 'succeeded') this.log.writeNow([...painted(stubbedLines(report)), status]);
    const title = `${report.run.workflow}: ${report.error?.code ?? report.run.status}`;
    if (error.length > 0) this.log.writeNow(this.annotated(report.error ? 'error' : 'notice', title, error) ?? error);
    const notice = this.annotations.notice();
    if (notice) this.log.writeNow([notice]);
    if (this.streams.summaryFile) this.appendSummary(this.streams.summaryFile, report);
  }

  private get isQuiet(): boolean {
    return this.streams.verbosity < 0;
  }

  private waitForRun(event: EventOf<'run-waiting'>): void {
    if (!this.isQuiet) this.log.writeNow(painted([waitingLine(event)]));
  }

  private startRun(event: EventOf<'run-started'>): void {
    this.file = event.file;
    if (!this.isQuiet) this.log.writeNow(painted(runStartLines(event)));
  }

  private startStep({ step, provider }: EventOf<'step-started'>): void {
    if (!this.isQuiet) this.log.open(step, `${step}  ${provider}`);
  }

  private writeBody(event: Exclude<RunEvent, EventOf<'run-waiting' | 'run-started' | 'run-ended'>>): void {
    const { step } = event;
    const origin = originOf(event);
    const lines = bodyLines(event, this.streams.verbosity);
    if (lines.length > 0 || event.type === 'item-ended') this.writeText(step, origin, this.text.finish(origin));
    if (lines.length === 0) return;
    if (event.type === 'log' && (event.level === 'error' || event.level === 'warning'))
      this.log.write(step, this.annotated(event.level, origin, [event.message], step) ?? labelled(step, origin, lines));
    else this.log.write(step, labelled(step, origin, lines));
  }

  private writeText(step: string, origin: string, text: string[]): void {
    const lines = text.map((line) => [span(line)]);
    if (!this.isQuiet) this.log.write(step, labelled(step, origin, lines));
  }

  private endStep(event: EventOf<'step-ended'>): void {
    const { step, status, error, tolerated } = event;
    this.finishText(step);
    const lines = stepEndLines(event, this.running.providerOf(step), this.streams.verbosity);
    this.running.remove(step);
    const [first = '', ...details] = painted(lines);
    if (this.isQuiet && (status !== 'failed' || tolerated)) {
      this.log.close(step, []);
      return;
    }
    const title = `${step}: ${error?.code ?? status}`;
    const annotation = status === 'failed' ? this.annotated(tolerated ? 'warning' : 'error', title, details, step) : undefined;
    this.log.close(step, [first, ...(annotation ?? details)]);
  }

  private endRun(event: EventOf<'run-ended'>): void {
    for (const step of this.running.names()) {
      this.finishText(step);
      const line = unendedStepLine(step, this.running.providerOf(step) ?? '', event.status);
      this.log.close(step, this.isQuiet ? [] : painted([line]));
      this.running.remove(step);
    }
  }

  private finishText(step: string): void {
    for (const origin of this.running.originsOf(step)) this.writeText(step, origin, this.text.finish(origin));
  }

  /** Makes an annotation, which the log shows too; undefined if GitHub would drop it. */
  private annotated(level: Annotation['level'], title: string, lines: string[], step?: string): string[] | undefined {
    const message = lines.map((line) => line.trimStart()).join('\n');
    const line = step === undefined ? undefined : this.streams.lineOfStep?.(step);
    const command = this.annotations.command({ level, title, message, file: this.file, line });
    return command === undefined ? undefined : [command];
  }

  /** Never throws: a summary that cannot be written must not fail the run. */
  private appendSummary(path: string, report: RunReport): void {
    try {
      appendFileSync(path, `${renderMarkdown(report, this.details)}\n`);
    } catch (error) {
      const message = `The job summary could not be written: ${error instanceof Error ? error.message : String(error)}`;
      this.log.writeNow(this.annotated('warning', 'Threadline', [message]) ?? painted([[span(message)]]));
    }
  }
}

/** No colours: GitHub does not recognize a command after an escape sequence. */
const painted = (lines: Line[]): string[] => lines.map((line) => paint(line, { color: false }));

const labelled = (step: string, origin: string, lines: Line[]): string[] =>
  painted(lines.map((line) => indented(origin === step ? line : [span(`${origin} │ `), ...line])));
