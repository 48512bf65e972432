import { type ErrorCode, ThreadlineError } from './errors.ts';

/** What the system's codes mean to who named the file. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EACCES: 'the permissions do not allow it',
  EPERM: 'the permissions do not allow it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
};

/** Does what needs a file. What the system refuses becomes an error of that code: `failed`, and why. */
export function withFileError<Result>(code: ErrorCode, failed: string, work: () => Result, hint?: string): Result {
  try {
    return work();
  } catch (thrown) {
    const cause = thrown as NodeJS.ErrnoException;
    if (cause.syscall === undefined) throw thrown;
    const problem = PROBLEMS[cause.code ?? ''] ?? cause.message;
    throw new ThreadlineError(code, `${failed}: ${problem}.`, { ...(hint === undefined ? {} : { hint }), cause });
  }
}
