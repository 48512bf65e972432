import { glob, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { WorkflowFile } from './contract.ts';

/** Where a workflow's files may lie. */
export interface FileHost {
  /** The workflow file: paths are relative to its folder. */
  workflowFile: string;
  workingFolder: string;
}

/** The most files that one glob may match. */
const MOST_FILES = 2000;

export const liesInside = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep));

/** Reads inside the working folder or the workflow's own; symbolic links do not lead out. */
export async function readWorkflowFile(path: string, host: FileHost): Promise<WorkflowFile> {
  const wanted = resolve(folderOf(host), path);
  const real = await realpath(wanted).catch((cause: Error) => {
    throw new ThreadlineError('file_not_found', `The file ${path} does not exist.`, { hint: `Looked for ${wanted}.`, cause });
  });
  if (!liesInside(real, await rootsOf(host))) throw outside(path);
  const bytes = await readFile(real).catch((cause: Error) => {
    throw new ThreadlineError('file_not_found', `The file ${path} cannot be read: ${cause.message}.`, { cause });
  });
  return { name: basename(real), path: real, bytes };
}

/** The files that a glob matches, relative to the workflow's folder, under the same rule. */
export async function findWorkflowFiles(pattern: string, host: FileHost): Promise<string[]> {
  const folder = folderOf(host);
  const roots = await rootsOf(host);
  if (!staysInside(pattern, folder, roots)) throw outside(pattern);
  const found = new Set<string>();
  for await (const match of glob(pattern, { cwd: folder, exclude: (path) => basename(path) === 'node_modules' })) {
    // A link that leads nowhere is no file.
    const real = await realpath(resolve(folder, match)).catch(() => undefined);
    if (real === undefined || !(await stat(real)).isFile()) continue;
    if (!liesInside(real, roots)) throw outside(match);
    found.add(isAbsolute(match) ? relative(folder, match) : match);
    if (found.size > MOST_FILES) {
      throw new ThreadlineError('invalid_params', `\`${pattern}\` matches more than ${MOST_FILES} files.`, {
        hint: 'Name fewer of them.',
      });
    }
  }
  return [...found].map((path) => path.split(sep).join('/')).sort();
}

const folderOf = ({ workflowFile, workingFolder }: FileHost): string => dirname(resolve(workingFolder, workflowFile));

const rootsOf = (host: FileHost): Promise<string[]> =>
  Promise.all([folderOf(host), host.workingFolder].map((root) => realpath(root)));

/** What a glob matches is looked at one by one; this keeps it from walking through the whole disk before. */
function staysInside(pattern: string, folder: string, roots: string[]): boolean {
  const [base = ''] = /^[^*?[\]{}()]*/.exec(pattern) ?? [];
  const isFolder = base.length < pattern.length;
  const start = resolve(folder, isFolder ? base.slice(0, base.lastIndexOf('/') + 1) : base);
  return liesInside(start + sep, roots) && !/(^|[/{,])\.\.($|[/},])/.test(pattern.slice(base.length));
}

const outside = (path: string) =>
  new ThreadlineError('file_not_found', `The file ${path} lies outside the working folder.`, {
    hint: 'Files are read inside the working folder only.',
  });
