import { isGlob, type ProviderContext, ThreadlineError } from 'threadline/provider';

/** The files of a path or a glob. Rejects with `file_not_found` when there is none. */
export async function pathsOf(pattern: string, context: Pick<ProviderContext, 'files'>): Promise<string[]> {
  if (!isGlob(pattern)) return [pattern];
  const found = await context.files.find(pattern);
  if (found.length > 0) return found;
  throw new ThreadlineError('file_not_found', `No file matches \`${pattern}\`.`, {
    hint: "Globs are relative to the workflow's folder.",
  });
}
