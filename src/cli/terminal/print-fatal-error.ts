import { mappedStack } from '../../provider/mapped-stack.ts';
import { errorKind, REPORT_A_BUG, ThreadlineError } from '../../shared/errors/errors.ts';

/** Prints the error that ended a command to stderr, and returns the exit code. */
export function printFatalError(thrown: unknown): number {
  if (thrown instanceof ThreadlineError) {
    process.stderr.write(`threadline: ${thrown.message}\n${thrown.hint ? `  ${thrown.hint}\n` : ''}`);
    return errorKind(thrown.code).exitCode;
  }
  const what = thrown instanceof Error ? mappedStack(thrown.stack ?? thrown.message) : String(thrown);
  process.stderr.write(`threadline: ${what}\n  This is a bug. ${REPORT_A_BUG}\n`);
  return 1;
}
