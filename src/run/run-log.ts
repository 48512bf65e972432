import type { RunEvent } from '../plan/event.ts';
import type { JsonObject } from '../shared/json/json.ts';
import { type Logger, type LogLevel, loggerTo } from '../shared/log/logger.ts';
import type { Mask } from '../shared/text/mask.ts';
import type { EngineRunOptions } from './run-options.ts';

/** Masks secrets in messages and fields. */
export const maskedLogger = (log: Logger, mask: Mask): Logger =>
  loggerTo((level, message, fields) => log[level](mask.apply(message), mask.apply(fields)));

/** Adds the run's id to every log line as the correlation id, and logs each event of the run. */
export function withRunLog(options: EngineRunOptions, runId: string, mask: Mask): EngineRunOptions {
  if (!options.log) return options;
  const log = maskedLogger(options.log, mask).child({ correlation_id: runId });
  const onEvent = (event: RunEvent) => {
    logEvent(log, event);
    options.onEvent?.(event);
  };
  return { ...options, log, onEvent };
}

/** Texts and data, which may be long or confidential; the journal and the reports hold them. */
const LEFT_OUT = new Set(
  'at type message results outputs items params arguments output fields details question error'.split(' '),
);

function logEvent(log: Logger, event: RunEvent): void {
  // Streamed text comes in pieces that are not whole lines.
  if (event.type === 'text-delta') return;
  const fields = Object.fromEntries(Object.entries(event).filter(([key, value]) => !LEFT_OUT.has(key) && value !== null));
  if ('error' in event && event.error) {
    const { details: _, ...error } = typeof event.error === 'string' ? { message: event.error } : event.error;
    Object.assign(fields, { error });
  }
  const message = 'message' in event ? event.message : event.type.replace('-', ' ');
  log[levelOf(event)](message, { ...(fields as JsonObject), event: event.type });
}

function levelOf(event: RunEvent): LogLevel {
  switch (event.type) {
    case 'log':
      return event.level === 'warning' ? 'warn' : event.level;
    case 'run-ended':
      return event.status === 'failed' ? 'error' : 'info';
    case 'step-ended':
      if (event.status !== 'failed') return 'info';
      return event.tolerated ? 'warn' : 'error';
    case 'attempt-failed':
      return 'warn';
    case 'run-started':
    case 'run-waiting':
    case 'wait-started':
    case 'wait-ended':
      return 'info';
    default:
      return 'debug';
  }
}
