import { Closed, Duration, type ParamsProblem, type Static, Type, Url } from 'threadline/provider';
import { Program } from 'threadline/runtime';
import { MaxOutput } from './max-output.ts';

/** An entry of `tools`: a server of the Model Context Protocol. The model may see all its tools, unless `allow` or `deny` exclude some. */
export const McpServer = Closed({
  command: Type.Optional(
    Type.Array(Program(), {
      minItems: 1,
      description: 'A server to start: the program and its arguments. No shell reads them.',
    }),
  ),
  env: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: 'Variables for the server that is started. Of our own it gets PATH, HOME, LANG and few others, no secrets.',
    }),
  ),
  url: Type.Optional(Url({ description: 'A server to connect to, over Streamable HTTP, or SSE where it is an old one.' })),
  headers: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: 'Sent with each request to the `url`, such as `Authorization`.' }),
  ),
  name: Type.Optional(
    Type.String({ pattern: '^[a-zA-Z0-9_-]{1,32}$', examples: ['grafana'], description: 'Put before the names of its tools.' }),
  ),
  allow: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: 'The tools that the model may see, by their names at the server; `*` is any text. Default: all.',
    }),
  ),
  deny: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), { description: 'The tools that it may not see, whatever `allow` says.' }),
  ),
  timeout: Type.Optional(Duration('How long a call may take; default 60s.')),
  max_output: Type.Optional(MaxOutput),
  connect_timeout: Type.Optional(Duration('How long it may take until the server has listed its tools; default 20s.')),
});

export type McpServer = Static<typeof McpServer>;

/** Mistakes that the schema cannot tell. Their paths begin at the entry. */
export function checkMcpServer(
  server: {
    [Key in keyof McpServer]: unknown;
  },
): ParamsProblem[] {
  const { command, url, env, headers } = server;
  if ((command === undefined) === (url === undefined)) {
    const hint = '`command: [program, …]` starts a server, `url:` connects to one.';
    return [{ path: [], message: 'a server has either `command` or `url`', hint }];
  }
  if (command === undefined && env !== undefined)
    return [{ path: ['env'], part: 'key', message: '`env` is for servers that are started by `command`' }];
  if (url === undefined && headers !== undefined)
    return [{ path: ['headers'], part: 'key', message: '`headers` are for servers with a `url`' }];
  return [];
}
