import { type Json, ThreadlineError } from 'threadline/provider';
import { inParallel } from '../base/in-parallel.ts';
import type { OperationParams } from '../contract/operation-schema.ts';
import { contentOfData } from '../knowledge/content-of-data.ts';
import type { FileServer } from '../knowledge/file-server.ts';
import { secondsOf } from '../knowledge/lifetime.ts';
import { pathsOf } from '../knowledge/paths.ts';
import { type Content, deleteFile, type Uploaded, uploadOnce } from '../knowledge/uploads.ts';

const AT_ONCE = 4;

/** Files, named or matched, one after the other; each is read when its turn comes. */
export async function filesOf(
  { path, paths, data, name }: Pick<OperationParams, 'path' | 'paths' | 'data' | 'name'>,
  { context }: FileServer,
): Promise<{ path: string; read(): Promise<Content> }[]> {
  if (data !== undefined && name !== undefined) return [{ path: name, read: async () => contentOfData(data as Json, name) }];
  const patterns = [path ?? paths ?? []].flat();
  const found = new Set((await Promise.all(patterns.map((pattern) => pathsOf(pattern, context)))).flat());
  if (name !== undefined && found.size > 1)
    throw new ThreadlineError('invalid_params', `\`name\` is for one file, and \`${path}\` matches ${found.size}.`);
  return [...found].map((one) => ({ path: one, read: async () => named(await context.files.read(one), name) }));
}

const named = ({ name, bytes }: Content, wished: string | undefined): Content => ({ name: wished ?? name, bytes });

/** `file_id`, `filename` and `bytes` are those of the first file; `file_ids` and `files` have them all. */
export async function uploadFiles(params: OperationParams, server: FileServer): Promise<Json> {
  const { purpose = 'user_data', expires_after: expiresAfter } = params;
  const seconds = expiresAfter === undefined ? undefined : secondsOf(expiresAfter);
  const uploaded = await inParallel(await filesOf(params, server), AT_ONCE, async ({ read }) =>
    uploadOnce(server, await read(), purpose, seconds),
  );
  const files = uploaded.map(fileOf);
  const file_ids = [...new Set(uploaded.map(({ fileId }) => fileId))];
  const { file_id = null, filename = null, bytes = null } = files[0] ?? {};
  return { file_id, filename, bytes, file_ids, files };
}

const fileOf = ({ fileId, name, bytes, isNew }: Uploaded) => ({ file_id: fileId, filename: name, bytes, is_new: isNew });

/** `deleted` is false of a file that was not there. */
export async function removeFile({ file_id: fileId = '' }: OperationParams, server: FileServer): Promise<Json> {
  return { file_id: fileId, deleted: await deleteFile(server, fileId) };
}
