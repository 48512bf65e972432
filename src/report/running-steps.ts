import type { RunEvent } from '../plan/event.ts';
import { shorten } from '../shared/text/safe-text.ts';
import { durationText } from './figures.ts';
import { type Line, span, tailToWidth } from './line.ts';
import { originOf } from './step-lines.ts';
import type { TextLines } from './text-lines.ts';

const FRAMES = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];
/** More lines would push the first ones off the screen, where they cannot be redrawn. */
const MOST_SHOWN = 6;
const LONGEST_DOING = 200;

interface RunningStep {
  readonly provider: string;
  readonly startedAtMs: number;
  /** Sources that stream for this step: the step itself, or its running items. */
  readonly origins: Set<string>;
  /** A permanent line shows the start. */
  headed: boolean;
  itemsEnded: number;
  itemsFailed: number;
  /** The latest progress message. */
  doing: string;
}

/** The running steps, and their lines on a live screen. */
export class RunningSteps {
  private readonly steps = new Map<string, RunningStep>();

  note(event: RunEvent, nowMs: number): void {
    if (event.type === 'step-started') this.steps.set(event.step, startedStep(event.provider, nowMs));
    if (!('step' in event)) return;
    const step = this.steps.get(event.step);
    if (!step) return;
    if (event.type === 'text-delta') step.origins.add(originOf(event));
    if (event.type === 'progress') step.doing = shorten(event.message, LONGEST_DOING);
    if (event.type === 'tool-started') step.doing = `→ ${shorten(event.tool, LONGEST_DOING)}`;
    if (event.type === 'attempt-failed') step.doing = `attempt ${event.attempt + 1}`;
    if (event.type !== 'item-ended') return;
    step.origins.delete(originOf(event));
    step.itemsEnded++;
    if (event.status === 'failed') step.itemsFailed++;
  }

  get count(): number {
    return this.steps.size;
  }

  names(): string[] {
    return [...this.steps.keys()];
  }

  providerOf(step: string): string | undefined {
    return this.steps.get(step)?.provider;
  }

  originsOf(step: string): string[] {
    return [...(this.steps.get(step)?.origins ?? [])];
  }

  unheadedProvider(step: string): string | undefined {
    const running = this.steps.get(step);
    return running && !running.headed ? running.provider : undefined;
  }

  markHeaded(step: string): void {
    const running = this.steps.get(step);
    if (running) running.headed = true;
  }

  remove(step: string): void {
    this.steps.delete(step);
  }

  /** A line for each step with its elapsed time and the end of its streamed text. */
  lines(nowMs: number, columns: number, text: TextLines): Line[] {
    const lines: Line[] = [];
    for (const [name, step] of [...this.steps].slice(0, MOST_SHOWN)) {
      lines.push(runningLine(name, step, nowMs));
      const streaming = text.peek([...step.origins].at(-1) ?? name);
      if (streaming !== '') lines.push([span('    '), span(tailToWidth(streaming, columns - 4), 'dim')]);
    }
    if (this.steps.size > MOST_SHOWN) lines.push([span(`  … and ${this.steps.size - MOST_SHOWN} more running`, 'dim')]);
    return lines;
  }
}

const startedStep = (provider: string, startedAtMs: number): RunningStep => ({
  provider,
  startedAtMs,
  origins: new Set(),
  headed: false,
  itemsEnded: 0,
  itemsFailed: 0,
  doing: '',
});

function runningLine(name: string, step: RunningStep, nowMs: number): Line {
  const line: Line = [span(`${FRAMES[Math.floor(nowMs / 100) % FRAMES.length]} `, 'cyan'), span(name, 'bold')];
  line.push(span(`  ${step.provider}  ${durationText(nowMs - step.startedAtMs)}`, 'dim'));
  if (step.itemsEnded > 0) line.push(span(`  ${step.itemsEnded} done`));
  if (step.itemsFailed > 0) line.push(span(`, ${step.itemsFailed} failed`, 'red'));
  if (step.doing !== '') line.push(span(`  ${step.doing}`, 'dim'));
  return line;
}
