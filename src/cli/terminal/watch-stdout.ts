import { fstatSync, writeFileSync } from 'node:fs';
import { ThreadlineError } from '../../shared/errors/errors.ts';

/**
 * Notices what stdout could not take. Returns a function that resolves, when all has been written, to the error if something is
 * lost. A reader that has seen enough, such as `head`, loses nothing: it ends the output, not the run.
 */
export function watchStdout(): () => Promise<ThreadlineError | undefined> {
  const { stdout } = process;
  let lost: NodeJS.ErrnoException | undefined;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') lost ??= error;
  });
  if (isFile(stdout.fd)) stdout._write = writeWholly;
  return async () => {
    await new Promise<void>((resolve) => stdout.write('', () => resolve()));
    return lost && lostOutput(lost);
  };
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    // Closed by whoever started the process: nothing is to be written.
    return false;
  }
}

/** Node writes once to a file, and takes a short write, as on a full disk, for a whole one; `writeFileSync` repeats it. */
function writeWholly(chunk: string | Uint8Array, _: BufferEncoding, done: (error?: Error | null) => void): void {
  try {
    writeFileSync(process.stdout.fd, chunk);
    done();
  } catch (error) {
    done(error as Error);
  }
}

const lostOutput = (cause: Error): ThreadlineError =>
  new ThreadlineError('invalid_config', `The output could not be written to stdout: ${cause.message}.`, {
    hint: 'What stands there is not all of it. Make room on the disk, or write to another place.',
    cause,
  });
