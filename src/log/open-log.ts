import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';
import { createLogger, format, transports } from 'winston';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { JsonObject } from '../shared/json/json.ts';
import { type Logger, loggerTo } from '../shared/log/logger.ts';
import { Mask } from '../shared/text/mask.ts';
import { lineOf } from './log-line.ts';
import type { LogSettings } from './log-settings.ts';

/** The only door to winston. */

const LEVELS = { error: 0, warn: 1, info: 2, debug: 3 };

export interface OpenLog extends Logger {
  /** Resolves when all lines are written. */
  close(): Promise<void>;
}

export interface LogParts {
  /** Values whose names say that they are secret are masked in every line. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Called once if the log cannot be written; the process continues without it. */
  onFailure(message: string): void;
}

/** Throws `invalid_usage` if the file cannot be opened. */
export function openLog({ level, format: lineFormat, to }: LogSettings, { environment, onFailure }: LogParts): OpenLog {
  const mask = new Mask();
  mask.addConfig(environment as JsonObject);
  const file = 'file' in to ? openFile(to.file, onFailure) : undefined;
  const transport = new transports.Stream({ stream: file ?? process[(to as { stream: 'stdout' | 'stderr' }).stream] });
  const winston = createLogger({
    level,
    levels: LEVELS,
    format: format.printf(({ level, message, fields }) => {
      const head = { time: new Date().toISOString(), level, message: String(message) };
      // In front, and not to be replaced.
      return lineOf({ ...head, ...(fields as JsonObject), ...head }, lineFormat);
    }),
    transports: [transport],
  });
  let isClosed = false;
  const logger = loggerTo((level, message, fields) => {
    // An abandoned provider may still say something.
    if (!isClosed) winston.log({ level, message: mask.apply(message), fields: mask.apply(fields) });
  });
  return {
    ...logger,
    async close() {
      isClosed = true;
      const { promise, resolve } = Promise.withResolvers<void>();
      transport.once('finish', resolve);
      winston.end();
      await promise;
      file?.destroy();
    },
  };
}

/** Lines are in the file before the process does anything else, so that they outlive it. */
function openFile(path: string, onFailure: LogParts['onFailure']): Writable {
  let fd: number | undefined = openForAppending(path);
  const close = () => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        if (fd !== undefined) writeSync(fd, chunk);
      } catch (thrown) {
        close();
        onFailure(`The log cannot be written to \`${path}\` any more: ${(thrown as Error).message}.`);
      }
      done();
    },
    destroy(error, done) {
      close();
      done(error);
    },
  });
}

function openForAppending(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'a');
  } catch (cause) {
    throw new ThreadlineError('invalid_usage', `No log can be written to \`${path}\`: ${(cause as Error).message}.`, { cause });
  }
}
