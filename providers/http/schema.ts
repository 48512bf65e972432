import { Closed, Duration, OneOf, type Static, Type, Url } from 'threadline/provider';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const LOWER_CASE_METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const;

export type Method = (typeof METHODS)[number];

const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

const HeaderMap = (description: string) => Type.Record(Type.String(), Scalar, { description });

const FieldMap = (description: string) =>
  Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Array(Scalar)]), { description });

const Auth = (description: string) =>
  Type.Union(
    [
      Closed({
        type: Type.Literal('basic', { description: 'A user name and a password.' }),
        username: Type.String({ description: 'The user name.' }),
        password: Type.String({ description: 'The password; may be empty.' }),
      }),
      Closed({
        type: Type.Literal('bearer', { description: 'A token, as `Authorization: Bearer …`.' }),
        token: Type.String({ minLength: 1, description: 'Sent as `Authorization: Bearer …`.' }),
      }),
      Closed({
        type: Type.Literal('header', { description: 'A header of its own name.' }),
        name: Type.String({ minLength: 1, description: 'The header that carries the key, such as `X-Api-Key`.' }),
        value: Type.String({ minLength: 1, description: 'The key.' }),
      }),
    ],
    { description },
  );

export const DEFAULT_TIMEOUT = '30s';
export const DEFAULT_MAX_BYTES = 5 * 1024 * 1024;

export const HttpParams = Closed({
  url: Url({ description: 'The http or https address; a path when the configuration has a `base_url`.' }),
  method: Type.Optional(OneOf([...METHODS, ...LOWER_CASE_METHODS], { description: 'The HTTP method.', default: 'GET' })),
  headers: Type.Optional(HeaderMap('Request headers. An empty value leaves out a header that would be sent otherwise.')),
  query: Type.Optional(FieldMap('Added to the query of the url, encoded. A list repeats its key.')),
  params: Type.Optional(FieldMap("Keep's name for `query`.")),
  json: Type.Optional(Type.Unknown({ description: 'The request body, sent as JSON.' })),
  form: Type.Optional(FieldMap('The request body, sent as a form (application/x-www-form-urlencoded). A list repeats its key.')),
  body: Type.Optional(Type.Unknown({ description: 'The request body: text as it is, anything else as JSON.' })),
  auth: Type.Optional(Auth('How the request proves who it is. Goes before the `auth` of the configuration.')),
  timeout: Type.Optional(Duration('How long everything may take, redirects and body included; default 30s.')),
  max_bytes: Type.Optional(
    Type.Integer({
      minimum: 0,
      default: DEFAULT_MAX_BYTES,
      description: 'The largest answer that is read, in bytes after decompression.',
    }),
  ),
  follow_redirects: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Go where the server sends us, at most 5 times. Another origin gets no credentials.',
    }),
  ),
  fail_on_error: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Whether a status of 400 or more fails the step. If not, it is a result like any other.',
    }),
  ),
  expect: Type.Optional(
    OneOf(['auto', 'json', 'text'], {
      description: 'What the body is: `auto` goes by its content type; `json` fails the step when it is not JSON.',
      default: 'auto',
    }),
  ),
  verify: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Check the TLS certificate. Without it anybody on the way can read and change everything.',
    }),
  ),
});

export const HttpConfig = Closed({
  base_url: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'What a `url` that is only a path is added to. Credentials go to this origin only.',
    }),
  ),
  headers: Type.Optional(HeaderMap('Headers for every request to the origin of `base_url`.')),
  auth: Type.Optional(Auth('How requests to the origin of `base_url` prove who they are.')),
});

export type HttpParams = Static<typeof HttpParams>;
export type HttpConfig = Static<typeof HttpConfig>;
export type Auth = NonNullable<HttpConfig['auth']>;
export type Fields = NonNullable<HttpParams['form']>;
export type HeaderFields = NonNullable<HttpParams['headers']>;

export const methodOf = (params: Pick<HttpParams, 'method'>): Method => (params.method ?? 'GET').toUpperCase() as Method;

export const HttpResults = Closed(
  {
    status: Type.Boolean(),
    ok: Type.Boolean(),
    status_code: Type.Integer(),
    headers: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])),
    body: Type.Unknown(),
    url: Type.String(),
    duration_ms: Type.Number(),
  },
  {
    'x-threadline-hints': Object.fromEntries(
      ['response', 'data', 'json', 'text', 'content'].map((name) => [name, 'Read `body`.']),
    ),
  },
);
