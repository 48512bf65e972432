import { Closed, Duration, FilePattern, OneOf, type Static, Type } from 'threadline/provider';
import { KeyText } from 'threadline/runtime';
import { Chunking } from './knowledge-schema.ts';

/** Whose the key of a thread is. */
export const KeyScope = OneOf(['workflow', 'shared'], {
  default: 'workflow',
  description: 'Whose the key is: the workflow that names it, or all workflows that name it as `shared`.',
});

const Ids = (description: string) => Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description });

/** Operations that a step can do instead of asking: each needs one parameter of each group, and takes some others. */
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
  delete_thread: { needs: [['thread_id', 'key']], takes: ['scope'] },
  get_messages: { needs: [['thread_id', 'key']], takes: ['scope', 'limit', 'order'] },
  update_thread_metadata: { needs: [['thread_id', 'key'], ['metadata']], takes: ['scope'] },
} as const satisfies Record<string, { needs: readonly (readonly string[])[]; takes: readonly string[] }>;

export type Operation = keyof typeof OPERATIONS;

/** The parameters of operations only; `thread_id`, `metadata` and `timeout` belong to questions, too. */
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
  key: Type.Optional(KeyText({ description: 'The thread, by the key that `thread: { key }` gave it.' })),
  scope: Type.Optional(KeyScope),
  tenant: Type.Optional(Type.String({ minLength: 1, description: 'Whose threads are listed: a workflow; this one otherwise.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, description: 'The most entries of the list.' })),
  order: Type.Optional(OneOf(['asc', 'desc'], { default: 'asc', description: 'The oldest first, or the newest.' })),
};

/** The parameters of an operation, without the ones that only questions take. */
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
});
export type OperationParams = Static<typeof OperationParams>;
