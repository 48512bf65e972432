import type { RunEvent, RunReport } from '../plan/event.ts';
import { safeJson } from '../shared/text/safe-text.ts';
import { indented, type Line, paint, span } from './line.ts';
import type { EventOf, Reporter, ReporterStreams } from './reporter.ts';
import { runEndLines, runStartLines, stubbedLines, unendedStepLine, waitingLine } from './run-lines.ts';
import { RunningSteps } from './running-steps.ts';
import { LiveScreen, PlainScreen, type Screen } from './screen.ts';
import { bodyLines, originOf, stepEndLines, stepStartLine } from './step-lines.ts';
import { TextLines } from './text-lines.ts';

/** For people: progress on stderr, and the outputs as JSON on stdout, so that a pipe gets only the result. */
export class PrettyReporter implements Reporter {
  private readonly streams: ReporterStreams;
  private readonly screen: Screen;
  private readonly text = new TextLines();
  private readonly running = new RunningSteps();

  constructor(streams: ReporterStreams) {
    this.streams = streams;
    const { color, stderr, live, verbosity } = streams;
    const draw = (columns: number) =>
      this.running.lines(Date.now(), columns, this.text).map((line) => paint(line, { color, columns }));
    this.screen = live && verbosity >= 0 ? new LiveScreen(stderr, draw) : new PlainScreen(stderr);
  }

  onEvent(event: RunEvent): void {
    this.running.note(event, Date.now());
    if (this.streams.verbosity < 0) this.onEventQuietly(event);
    else if (event.type === 'run-waiting') this.print([waitingLine(event)]);
    else if (event.type === 'run-started') this.print(runStartLines(event));
    else if (event.type === 'step-started') this.startStep(event);
    else if (event.type === 'text-delta') this.printBody(event, textLines(this.text.push(originOf(event), event.text)));
    else if (event.type === 'step-ended') this.endStep(event);
    else if (event.type === 'run-ended') this.endRun(event);
    else this.printEvent(event);
  }

  end(report: RunReport): void {
    if (this.streams.verbosity >= 0 || report.run.status !== 'succeeded')
      this.print([...stubbedLines(report), ...runEndLines(report)]);
    this.screen.close();
    if (Object.keys(report.outputs).length > 0) this.streams.stdout.write(`${safeJson(report.outputs, 2)}\n`);
  }

  private onEventQuietly(event: RunEvent): void {
    if (event.type === 'log') this.printEvent(event);
    if (event.type !== 'step-ended' || event.status !== 'failed' || event.tolerated) return;
    this.print(stepEndLines(event, undefined, -1));
  }

  /** A live screen shows the step among the running ones; it gets a permanent line once there are lines to put below. */
  private startStep({ step, provider }: EventOf<'step-started'>): void {
    if (this.screen instanceof LiveScreen) this.screen.start();
    else this.printHead(step, provider);
  }

  private printHead(step: string, provider: string): void {
    this.running.markHeaded(step);
    this.print([stepStartLine(step, provider)]);
  }

  private endStep(event: EventOf<'step-ended'>): void {
    const { step } = event;
    this.printRest(step);
    this.print(stepEndLines(event, this.running.providerOf(step), this.streams.verbosity));
    this.running.remove(step);
  }

  private endRun(event: EventOf<'run-ended'>): void {
    for (const step of this.running.names()) {
      this.printRest(step);
      this.print([unendedStepLine(step, this.running.providerOf(step) ?? '', event.status)]);
      this.running.remove(step);
    }
    this.screen.close();
  }

  private printRest(step: string): void {
    for (const origin of this.running.originsOf(step)) this.printUnder(step, origin, textLines(this.text.finish(origin)));
  }

  private printEvent(event: RunEvent): void {
    if ('step' in event) this.printBody(event, bodyLines(event, this.streams.verbosity));
  }

  private printBody(event: { type: string; step: string; item?: number }, lines: Line[]): void {
    const origin = originOf(event);
    // Flush the streamed text first, so that lines keep their order.
    const before =
      event.type === 'text-delta' || (lines.length === 0 && event.type !== 'item-ended') ? [] : this.text.finish(origin);
    this.printUnder(event.step, origin, [...textLines(before), ...lines]);
  }

  private printUnder(step: string, origin: string, lines: Line[]): void {
    if (lines.length === 0) return;
    const head = this.running.unheadedProvider(step);
    if (head !== undefined && this.streams.verbosity >= 0) this.printHead(step, head);
    const isAlone = origin === step && this.running.count === 1 && this.streams.verbosity >= 0;
    const label = isAlone ? [] : [span(`${origin} │ `, 'dim')];
    this.print(lines.map((line) => indented([...label, ...line])));
  }

  private print(lines: Line[]): void {
    for (const line of lines) this.screen.print(paint(line, { color: this.streams.color }));
  }
}

const textLines = (lines: string[]): Line[] => lines.map((line) => [span(line)]);
