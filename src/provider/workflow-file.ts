import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, resolve, sep } from 'node:path';
import { ThreadlineError } from '../errors.ts';
import type { WorkflowFile } from './contract.ts';

/** Where a workflow's files may lie. */
export interface FileHost {
  /** The workflow file: paths are relative to its folder. */
  workflowFile: string;
  workingFolder: string;
}

export const liesInside = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep));

/** Reads inside the working folder or the workflow's own; symbolic links do not lead out. */
export async function readWorkflowFile(path: string, host: FileHost): Promise<WorkflowFile> {
  const folder = dirname(resolve(host.workflowFile));
  const wanted = resolve(folder, path);
  const roots = await Promise.all([folder, host.workingFolder].map((root) => realpath(root)));
  const real = await realpath(wanted).catch((cause: Error) => {
    throw new ThreadlineError('file_not_found', `The file ${path} does not exist.`, { hint: `Looked for ${wanted}.`, cause });
  });
  if (!liesInside(real, roots)) {
    throw new ThreadlineError('file_not_found', `The file ${path} lies outside the working folder.`, {
      hint: 'Files are read inside the working folder only.',
    });
  }
  const bytes = await readFile(real).catch((cause: Error) => {
    throw new ThreadlineError('file_not_found', `The file ${path} cannot be read: ${cause.message}.`, { cause });
  });
  return { name: basename(real), path: real, bytes };
}
