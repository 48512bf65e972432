import { ThreadlineError } from '../shared/errors/errors.ts';
import type { LogLevel } from '../shared/log/logger.ts';
import { didYouMean } from '../shared/text/suggest.ts';

export type LogFormat = 'json' | 'keyvalue';

export interface LogSettings {
  /** Lines of lesser levels are left out. */
  level: LogLevel;
  format: LogFormat;
  /** Where the log goes: the path of a file, which it is appended to, or a stream of the process. */
  to: { file: string } | { stream: 'stdout' | 'stderr' };
}

/** The levels by the names that LOGGING_LEVEL takes, in any case. No line is worse than an error. */
const LEVELS: Record<string, LogLevel> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'error',
  critical: 'error',
};
const FORMATS: Record<string, LogFormat> = { json: 'json', keyvalue: 'keyvalue' };
const STREAMS: Record<string, 'stdout' | 'stderr'> = { stderr: 'stderr', stdout: 'stdout' };

/** A file, LOGGING_LEVEL or LOG_FORMAT asks for a log. STREAM alone does not, because other programs use that name. */
export const asksForLog = (environment: Readonly<Record<string, string | undefined>>, file: string | undefined): boolean =>
  file !== undefined || Boolean(environment.LOGGING_LEVEL || environment.LOG_FORMAT);

/** Throws `invalid_usage` for an invalid value of a variable. */
export function readLogSettings(
  environment: Readonly<Record<string, string | undefined>>,
  file: string | undefined,
): LogSettings {
  const read = <Value>(name: string, values: Record<string, Value>) => readVariable(environment[name], name, values);
  return {
    level: read('LOGGING_LEVEL', LEVELS) ?? 'info',
    format: read('LOG_FORMAT', FORMATS) ?? (file === undefined ? 'keyvalue' : 'json'),
    to: file === undefined ? { stream: read('STREAM', STREAMS) ?? 'stderr' } : { file },
  };
}

function readVariable<Value>(given = '', name: string, values: Record<string, Value>): Value | undefined {
  const word = given.trim().toLowerCase();
  if (word === '') return undefined;
  const names = Object.keys(values);
  if (names.includes(word)) return values[word];
  throw new ThreadlineError('invalid_usage', `\`${name}=${given}\` is not valid: ${name} takes ${names.join(', ')}.`, {
    hint: didYouMean(word, names) ?? `Unset ${name} where it is meant for another program.`,
  });
}
