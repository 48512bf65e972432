import { Closed, Duration, FilePattern, OneOf, type Static, Type, Url } from 'threadline/provider';

const Patterns = Type.Union([
  FilePattern({ description: 'A file or a glob.' }),
  Type.Array(FilePattern({ description: 'A file or a glob.' }), { minItems: 1 }),
]);

export const Chunking = Closed({
  size: Type.Integer({ minimum: 100, maximum: 4096, description: 'Tokens of a piece; servers take 800 by themselves.' }),
  overlap: Type.Integer({
    minimum: 0,
    maximum: 2048,
    description: 'Tokens that a piece shares with the next; half a piece at most.',
  }),
});

/** `knowledge:` of a step: files that the model can search. */
export const Knowledge = Type.Union(
  [
    ...Patterns.anyOf,
    Closed({
      paths: Type.Unsafe<Static<typeof Patterns>>({ ...Patterns, description: 'Files and globs, beside the workflow.' }),
      name: Type.Optional(
        Type.String({ minLength: 1, description: "What the vector store is called; the workflow's name otherwise." }),
      ),
      expires_after: Type.Optional(Duration('How long the server keeps it without use, in days; default 30d.')),
      chunking: Type.Optional(Type.Unsafe<Static<typeof Chunking>>({ ...Chunking, description: 'How texts are cut.' })),
    }),
  ],
  {
    description:
      'Files that the model can search: a vector store is kept in step with them. Only what changed is uploaded, what is gone is deleted. Wires `responses` and `assistants`.',
  },
);
export type Knowledge = Static<typeof Knowledge>;

const TOOLS = ['file_search', 'code_interpreter'] as const;

/** An entry of `attachments:`. Its content comes from exactly one of `file_id`, `path`, `glob`, `url` and `data`. */
export const Attachment = Closed({
  file_id: Type.Optional(Type.String({ minLength: 1, description: 'A file that was uploaded before.' })),
  path: Type.Optional(FilePattern({ description: 'A file, or a glob.' })),
  glob: Type.Optional(FilePattern({ description: 'The same as `path`.' })),
  url: Type.Optional(
    Url({ description: 'A public http(s) address, or one that `http: allow_hosts` names. It is downloaded here.' }),
  ),
  data: Type.Optional(
    Type.Unknown({ description: 'The content itself: text, a `data:` URL, or data that becomes JSON. Needs `name`.' }),
  ),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'What the file is called.' })),
  tools: Type.Optional(
    Type.Array(Type.Union([OneOf(TOOLS), Closed({ type: OneOf(TOOLS, { description: 'The tool.' }) })]), {
      minItems: 1,
      description: 'Gives the file to these tools, instead of showing it to the model.',
    }),
  ),
});
export type Attachment = Static<typeof Attachment>;
