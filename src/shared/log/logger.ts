import type { JsonObject } from '../json/json.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/**
 * A log for whoever operates the process: what it waits for, what a server answered, what goes wrong beside the runs. What a
 * reader of the run should know is an event of the run.
 */
export interface Logger extends Record<LogLevel, (message: string, fields?: JsonObject) => void> {
  /** A log that adds these fields to every line. */
  child(fields: JsonObject): Logger;
}

/** Takes one line of a log. */
export type LogWriter = (level: LogLevel, message: string, fields: JsonObject) => void;

export const loggerTo = (write: LogWriter, always: JsonObject = {}): Logger => {
  const at = (level: LogLevel) => (message: string, fields?: JsonObject) => write(level, message, { ...always, ...fields });
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: (fields) => loggerTo(write, { ...always, ...fields }),
  };
};

/** Discards everything. */
export const silentLogger: Logger = loggerTo(() => undefined);
