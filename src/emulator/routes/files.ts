import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { ApiError, badRequest, missing } from '../base/api-error.ts';
import { checkParameters, integer, shape, text, word } from '../check/checks.ts';
import { pageOf } from '../check/paging.ts';
import { type ApiRequest, type Emulation, param, type Reply, type Route } from '../routing/route.ts';
import type { StoredFile } from '../vector-stores/stored-file.ts';

const PURPOSES = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'];
const MAXIMUM_FILE_BYTES = 512 * 1024 * 1024;
const EXPIRY_SECONDS = { minimum: 3600, maximum: 2_592_000 };
const PAGE = { maximum: 10_000, fallback: 10_000 };

const expiresAfter = shape({ anchor: word('created_at'), seconds: integer(EXPIRY_SECONDS.minimum, EXPIRY_SECONDS.maximum) }, [
  'anchor',
  'seconds',
]);

const resource = ({ id, filename, purpose, bytes, createdAt, expiresAt }: StoredFile): JsonObject & { id: string } => ({
  id,
  object: 'file',
  bytes: bytes.length,
  created_at: createdAt,
  ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  filename,
  purpose,
  status: 'processed',
});

const fileOf = (request: ApiRequest, { store }: Emulation): StoredFile => store.file(param(request, 'file_id'));

function create({ body, files }: ApiRequest, { store }: Emulation): Reply {
  checkParameters(body, { file: text(), purpose: word(...PURPOSES), expires_after: expiresAfter }, ['file', 'purpose']);
  const { file } = files;
  // The field is text instead of a file.
  if (!file) throw missing('file');
  if (file.bytes.length > MAXIMUM_FILE_BYTES) throw new ApiError(413, `The file is larger than ${MAXIMUM_FILE_BYTES} bytes.`);
  const seconds = isObject(body.expires_after) ? Number(body.expires_after.seconds) : undefined;
  return { body: resource(store.addFile(file.name, String(body.purpose), file.bytes, seconds)) };
}

function list({ query }: ApiRequest, { store }: Emulation): Reply {
  const purpose = query.get('purpose');
  const files = [...store.files.values()].filter((file) => purpose === null || file.purpose === purpose);
  return { body: pageOf(files.map(resource), query, PAGE) };
}

const retrieve = (request: ApiRequest, emulation: Emulation): Reply => ({ body: resource(fileOf(request, emulation)) });

function remove(request: ApiRequest, emulation: Emulation): Reply {
  const { id } = fileOf(request, emulation);
  emulation.store.removeFile(id);
  return { body: { id, object: 'file', deleted: true } };
}

/** Like OpenAI, returns only the content of files that were created for the client, not of uploads for assistants. */
function download(request: ApiRequest, emulation: Emulation): Reply {
  const { purpose, bytes } = fileOf(request, emulation);
  if (purpose === 'assistants') throw badRequest(`Not allowed to download files of purpose: ${purpose}`);
  return { bytes };
}

const ONE = '/files/{file_id}';

export const fileRoutes: Route[] = [
  { method: 'POST', template: '/files', takesForm: true, handle: create },
  { method: 'GET', template: '/files', handle: list },
  { method: 'GET', template: ONE, handle: retrieve },
  { method: 'DELETE', template: ONE, handle: remove },
  { method: 'GET', template: `${ONE}/content`, handle: download },
];
