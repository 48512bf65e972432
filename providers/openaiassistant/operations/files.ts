import { type Json, ThreadlineError } from 'threadline/provider';
import { inParallel } from '../base/in-parallel.ts';
import type { OperationParams } from '../contract/operation-schema.ts';
import { type Content, contentOfData, withName } from '../knowledge/content.ts';
import type { FileServer } from '../knowledge/file-server.ts';
import { secondsOf } from '../knowledge/lifetime.ts';
import { pathsOf } from '../knowledge/paths.ts';
import { deleteFile, type Uploaded, uploadOnce } from '../knowledge/uploads.ts';

const AT_ONCE = 4;

/** The files that an operation names or matches; each is read when its turn comes. */
export async function filesOf(
  { path, paths, data, name }: Pick<OperationParams, 'path' | 'paths' | 'data' | 'name'>,
  { context }: FileServer,
): Promise<{ path: string; read(): Promise<Content> }[]> {
  if (data !== undefined && name !== undefined) return [{ path: name, read: async () => contentOfData(data as Json, name) }];
  const patterns = [path ?? paths ?? []].flat();
  const found = new Set((await Promise.all(patterns.map((pattern) => pathsOf(pattern, context)))).flat());
  if (name !== undefined && found.size > 1)
    throw new ThreadlineError('invalid_params', `\`name\` is for one file, and \`${path}\` matches ${found.size}.`);
  return [...found].map((one) => ({ path: one, read: async () => withName(await context.files.read(one), name) }));
}

/** `file_id`, `filename` and `bytes` are of the first file; `file_ids` and `files` have all. */
export async function uploadFiles(params: OperationParams, server: FileServer): Promise<Json> {
  const { purpose = 'user_data', expires_after: expiresAfter } = params;
  const seconds = expiresAfter === undefined ? undefined : secondsOf(expiresAfter);
  const uploaded = await inParallel(await filesOf(params, server), AT_ONCE, async ({ read }) =>
    uploadOnce(server, await read(), purpose, seconds),
  );
  const files = uploaded.map(fileRow);
  const file_ids = [...new Set(uploaded.map(({ fileId }) => fileId))];
  const { file_id = null, filename = null, bytes = null } = files[0] ?? {};
  return { file_id, filename, bytes, file_ids, files };
}

const fileRow = ({ fileId, name, bytes, isNew }: Uploaded) => ({ file_id: fileId, filename: name, bytes, is_new: isNew });

/** `deleted` is false where the file was not there. */
export async function removeFile({ file_id: fileId = '' }: OperationParams, server: FileServer): Promise<Json> {
  return { file_id: fileId, deleted: await deleteFile(server, fileId) };
}
