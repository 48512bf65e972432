import {
  Closed,
  Duration,
  FilePattern,
  type JsonObject,
  OneOf,
  type ParamsProblem,
  type Static,
  Type,
} from 'threadline/provider';
import { Chunking } from './knowledge-schema.ts';

const Ids = (description: string) => Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description });

/** What a step can do instead of asking, and what each of that needs: one of each group, and what it takes besides. */
export const OPERATIONS = {
  upload: { needs: [['path', 'paths', 'data']], takes: ['name', 'purpose', 'expires_after'] },
  delete_file: { needs: [['file_id']], takes: [] },
  create_vector_store: {
    needs: [],
    takes: ['name', 'file_ids', 'paths', 'expires_after', 'wait', 'chunking', 'metadata'],
  },
  add_to_vector_store: { needs: [['vector_store_id'], ['file_ids', 'paths']], takes: ['wait', 'chunking'] },
  delete_vector_store: { needs: [['vector_store_id']], takes: ['with_files'] },
  list_threads: { needs: [], takes: ['tenant', 'metadata', 'limit'] },
  delete_thread: { needs: [['thread_id', 'key']], takes: [] },
  get_messages: { needs: [['thread_id', 'key']], takes: ['limit', 'order'] },
  update_thread_metadata: { needs: [['thread_id', 'key'], ['metadata']], takes: [] },
} as const satisfies Record<string, { needs: readonly (readonly string[])[]; takes: readonly string[] }>;

export type Operation = keyof typeof OPERATIONS;

/** The parameters that only operations have; `thread_id`, `metadata` and `timeout` they share with questions. */
export const operationKeys = {
  operation: Type.Optional(
    OneOf(['ask', ...(Object.keys(OPERATIONS) as Operation[])], {
      default: 'ask',
      description: 'What is done: by default the assistant is asked. The others keep files, vector stores and threads.',
    }),
  ),
  path: Type.Optional(FilePattern({ description: 'The file to upload, or a glob.' })),
  paths: Type.Optional(
    Type.Array(FilePattern({ description: 'A file or a glob.' }), { minItems: 1, description: 'Files to upload, and globs.' }),
  ),
  data: Type.Optional(
    Type.Unknown({ description: 'The content to upload: text, a `data:` URL, or data that becomes JSON. Needs `name`.' }),
  ),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'What the file or the vector store is called.' })),
  purpose: Type.Optional(
    OneOf(['assistants', 'user_data', 'vision'], {
      default: 'user_data',
      description: 'What a file is for: messages and tools, tools alone, or pictures of the Assistants API.',
    }),
  ),
  expires_after: Type.Optional(
    Duration('When the server deletes it: a file, 1h to 30d after its upload; a vector store, days (`7d`) after its last use.'),
  ),
  file_id: Type.Optional(Type.String({ minLength: 1, description: 'The file.' })),
  file_ids: Type.Optional(Ids('Files that were uploaded before.')),
  vector_store_id: Type.Optional(Type.String({ minLength: 1, description: 'The vector store.' })),
  wait: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Whether to wait until the vector store has read its files, so that they can be searched.',
    }),
  ),
  chunking: Type.Optional(Chunking),
  with_files: Type.Optional(
    Type.Boolean({ default: false, description: 'Whether the files in the vector store are deleted, too.' }),
  ),
  key: Type.Optional(Type.String({ minLength: 1, description: 'The thread, by the key that `thread: { key }` gave it.' })),
  tenant: Type.Optional(Type.String({ minLength: 1, description: 'Whose threads are listed: a workflow; this one otherwise.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, description: 'The most entries of the list.' })),
  order: Type.Optional(OneOf(['asc', 'desc'], { default: 'asc', description: 'The oldest first, or the newest.' })),
};

/** What an operation is called with, whatever else a question takes. */
export const OperationParams = Closed({
  ...operationKeys,
  thread_id: Type.Optional(Type.String({ minLength: 1, description: 'The thread.' })),
  metadata: Type.Optional(
    Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 512 }), {
      maxProperties: 16,
      description: 'Up to 16 pairs of text.',
    }),
  ),
  timeout: Type.Optional(Duration('How long it may take; default 10m.')),
  max_wait_time: Type.Optional(Duration("Keep's name for `timeout`.")),
});
export type OperationParams = Static<typeof OperationParams>;

const COMMON = ['operation', 'timeout', 'max_wait_time'];

/** What is missing for an operation, and what it does not take. */
export function checkOperation(params: JsonObject): ParamsProblem[] {
  const { operation = 'ask' } = params;
  if (operation === 'ask') return foreignKeys(params, 'ask', (key) => key === 'operation' || !Object.hasOwn(operationKeys, key));
  if (typeof operation !== 'string' || !Object.hasOwn(OPERATIONS, operation)) return [];
  const { needs, takes }: { needs: readonly (readonly string[])[]; takes: readonly string[] } =
    OPERATIONS[operation as Operation];
  const known = new Set([...COMMON, ...needs.flat(), ...takes]);
  return [
    ...needs.flatMap((group) => checkGroup(params, group, operation)),
    ...foreignKeys(params, operation, (key) => known.has(key)),
    ...checkData(params, known),
  ];
}

function checkGroup(params: JsonObject, group: readonly string[], operation: string): ParamsProblem[] {
  const given = group.filter((key) => params[key] !== undefined);
  const names = group.map((key) => `\`${key}\``).join(' or ');
  if (given.length === 0) return [{ path: [], message: `\`operation: ${operation}\` needs ${names}` }];
  const [, second] = given;
  return second === undefined ? [] : [{ path: [second], part: 'key', message: `only one of ${names} can be given` }];
}

function foreignKeys(params: JsonObject, operation: string, isKnown: (key: string) => boolean): ParamsProblem[] {
  const foreign = Object.keys(params).filter((key) => params[key] !== undefined && !isKnown(key));
  return foreign.map((key) => {
    const takers = Object.entries(OPERATIONS).filter(([, { needs, takes }]) =>
      [...needs.flat(), ...takes].some((one) => one === key),
    );
    const hint = takers.length > 0 ? `It belongs to ${takers.map(([name]) => `\`operation: ${name}\``).join(', ')}.` : undefined;
    const message = `\`${key}\` means nothing to \`operation: ${operation}\``;
    return { path: [key], part: 'key', message, ...(hint ? { hint } : {}) };
  });
}

function checkData({ data, name, paths, path }: JsonObject, known: Set<string>): ParamsProblem[] {
  if (!known.has('data')) return [];
  if (data !== undefined && name === undefined) return [{ path: ['data'], message: '`data` needs a `name`' }];
  const isOne = data !== undefined || (path !== undefined && paths === undefined);
  return name !== undefined && !isOne ? [{ path: ['name'], message: '`name` is for one file' }] : [];
}
