import type { ItemReport, RunEvent } from '../plan/event.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';
import { shorten, shortJson } from '../shared/text/safe-text.ts';
import { amountText, durationText } from './figures.ts';
import { indented, type Line, linesOf, type Style, span } from './line.ts';
import type { EventOf, ReporterStreams } from './reporter.ts';

type Verbosity = ReporterStreams['verbosity'];

const LONGEST_MESSAGE = 4000;
const LONGEST_VALUE = 200;
const LONGEST_RESULTS = 2000;
const MOST_FAILED_ITEMS = 10;

const LEVEL_STYLES: Record<EventOf<'log'>['level'], Style> = { debug: 'dim', info: 'cyan', warning: 'yellow', error: 'red' };

/** `hosts`, or `hosts[3]` for an item. */
export const originOf = (event: { step: string; item?: number }): string =>
  event.item === undefined ? event.step : `${event.step}[${event.item}]`;

/** Line for an event of a running step, except for streamed text. */
export function bodyLines(event: RunEvent, verbosity: Verbosity): Line[] {
  switch (event.type) {
    case 'log':
      return isHeard(event.level, verbosity) ? logLines(event, verbosity) : [];
    case 'attempt-failed':
      return verbosity < 0 ? [] : [retryLine(event)];
    case 'tool-started':
      return verbosity < 0 ? [] : [[span(`→ ${event.tool}(${shortJson(event.arguments, LONGEST_VALUE)})`, 'cyan')]];
    case 'tool-ended':
      return verbosity < 0 ? [] : [toolEndLine(event)];
    case 'provider-called':
      return verbosity < 0 || !event.stubbed ? [] : [stubbedCallLine(event)];
    case 'enriched':
      return verbosity < 0 ? [] : [[span(`✎ ${event.target} ${event.id}: ${shortJson(event.fields, LONGEST_VALUE)}`, 'cyan')]];
    case 'wait-started':
      return verbosity < 0 ? [] : [waitLine(event)];
    case 'progress':
      return verbosity < 1 ? [] : [[span(`· ${event.message}`, 'dim')]];
    case 'item-ended':
      return verbosity < 1 ? [] : [[span(`${event.status} in ${durationText(event.duration_ms)}`, 'dim')]];
    default:
      return [];
  }
}

function isHeard(level: EventOf<'log'>['level'], verbosity: Verbosity): boolean {
  if (verbosity < 0) return level === 'error';
  return level !== 'debug' || verbosity > 0;
}

function logLines(event: EventOf<'log'>, verbosity: Verbosity): Line[] {
  const [first = [], ...rest] = linesOf(shorten(event.message, LONGEST_MESSAGE));
  const details = verbosity > 0 && event.details ? [[span(shortJson(event.details, LONGEST_RESULTS), 'dim')]] : [];
  return [[span(`${event.level}: `, LEVEL_STYLES[event.level]), ...first], ...rest, ...details];
}

function waitLine({ signal, until, question }: EventOf<'wait-started'>): Line {
  const what = question ? question.message : signal === null ? 'the time' : `signal ${signal}`;
  return [span(`‖ waits for ${question ? 'an answer: ' : ''}${shorten(what, LONGEST_VALUE)}`, 'yellow'), ...untilSpans(until)];
}

const untilSpans = (until: string | null): Line => (until === null ? [] : [span(`  until ${until}`, 'dim')]);

function retryLine({ attempt, error, delay_ms }: EventOf<'attempt-failed'>): Line {
  const next = delay_ms > 0 ? `next in ${durationText(delay_ms)}` : 'next at once';
  return [span(`↻ attempt ${attempt} failed, ${next}: `, 'yellow'), ...errorSpans(error)];
}

function stubbedCallLine({ provider, params, tool }: EventOf<'provider-called'>): Line {
  const call = `→ ${provider}(${shortJson(params, LONGEST_VALUE)})`;
  return [span(call, 'cyan'), span(`  stubbed${tool === undefined ? '' : `, for ${tool}`}`, 'yellow')];
}

function toolEndLine({ tool, output, error, duration_ms }: EventOf<'tool-ended'>): Line {
  const duration = span(`  ${durationText(duration_ms)}`, 'dim');
  if (error === null) return [span(`← ${tool}: ${shortJson(output, LONGEST_VALUE)}`, 'cyan'), duration];
  return [span(`← ${tool} failed: ${shorten(error, LONGEST_VALUE)}`, 'red'), duration];
}

export function stepStartLine(step: string, provider: string): Line {
  return [span('▸ ', 'cyan'), span(step, 'bold'), span(`  ${provider}`, 'dim')];
}

/** The result of a step, with the reason unless it succeeded. */
export function stepEndLines(event: EventOf<'step-ended'>, provider: string | undefined, verbosity: Verbosity): Line[] {
  if (event.status === 'skipped') return [[span('- ', 'dim'), span(event.step), span(skipText(event.reason), 'dim')]];
  const items = event.items ?? [];
  const failed = items.filter((item) => item.status === 'failed').length;
  const line: Line = [symbolOf(event), span(event.step, 'bold')];
  if (provider) line.push(span(`  ${provider}`, 'dim'));
  if (failed > 0) line.push(span(`  ${failed}/${items.length} failed`, 'red'));
  else if (event.items) line.push(span(`  ${amountText(items.length, 'item')}`, 'dim'));
  if (event.status === 'failed' && event.tolerated) line.push(span('  failed, allowed', 'yellow'));
  if (event.attempts > 1) line.push(span(`  ${event.attempts} attempts`, 'yellow'));
  line.push(span(`  ${durationText(event.duration_ms)}`, 'dim'));
  const results = verbosity > 0 ? [[span(`results: ${shortJson(event.results, LONGEST_RESULTS)}`, 'dim')]] : [];
  const why = [...errorLines(event.error), ...stackLines(event.error, verbosity > 0)];
  return [line, ...[...why, ...failedItemLines(event.step, items), ...results].map(indented)];
}

const skipText = (reason: string | null): string =>
  reason === null ? '  skipped' : `  skipped (${shorten(reason, LONGEST_VALUE)})`;

function symbolOf({ status, tolerated }: EventOf<'step-ended'>): Line[number] {
  if (status === 'succeeded') return span('✓ ', 'green');
  return tolerated ? span('! ', 'yellow') : span('✗ ', 'red');
}

function failedItemLines(step: string, items: ItemReport[]): Line[] {
  const lines: Line[] = [];
  let failed = 0;
  for (const [index, item] of items.entries()) {
    if (item.status !== 'failed') continue;
    failed++;
    if (failed > MOST_FAILED_ITEMS) continue;
    lines.push([span(`${step}[${index}]  `), ...errorSpans(item.error)]);
  }
  if (failed > MOST_FAILED_ITEMS)
    lines.push([span(`… and ${amountText(failed - MOST_FAILED_ITEMS, 'more failed item')}`, 'dim')]);
  return lines;
}

/** Code, complete message and hint. */
export function errorLines(error: ErrorReport | null): Line[] {
  if (error === null) return [];
  const [first = [], ...rest] = linesOf(shorten(error.message, LONGEST_MESSAGE));
  const hint = error.hint === null ? [] : linesOf(`hint: ${shorten(error.hint, LONGEST_MESSAGE)}`, 'dim');
  return [[span(`${error.code}: `, 'red'), ...first], ...rest, ...hint];
}

/** The stack of an unexpected failure if the output is verbose, else how to get it. */
export function stackLines(error: ErrorReport | null, isWhole: boolean): Line[] {
  if (error?.stack === undefined) return [];
  if (!isWhole) return [[span('The stack: -v, or --format json.', 'dim')]];
  const frames = error.stack.split('\n').filter((line) => /^\s+at /.test(line));
  return frames.map((frame) => [span(shorten(frame, LONGEST_MESSAGE), 'dim')]);
}

/** Code and message as a part of a line. */
export function errorSpans(error: ErrorReport | null): Line {
  if (error === null) return [];
  return [span(`${error.code}: `, 'red'), span(shorten(error.message, LONGEST_VALUE * 2))];
}
