import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { withFileError } from '../../shared/errors/file-error.ts';

/** Before the run has cost anything: a report that could not be written at its end. */
export function prepareReport(path: string, check: (path: string) => void): void {
  check(path);
  withFileError('invalid_usage', noReport(path), () => {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a'));
  });
}

export const writeReport = (path: string, text: string): void =>
  withFileError('invalid_config', noReport(path), () => writeFileSync(path, text));

const noReport = (path: string): string => `No report can be written to \`${path}\``;
