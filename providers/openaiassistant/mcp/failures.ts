import { type ErrorCode, ThreadlineError } from 'threadline/provider';
import type { McpServer } from '../contract/mcp-schema.ts';

/** What may be said of a failure, and no more: a server's page of HTML is no message. */
const LONGEST_REASON = 1000;
const LAST_WORDS = 2048;
const SHORTEST_SECRET = 8;

/** The server that a failure is of. */
export interface Subject {
  label: string;
  server: McpServer;
  /** Where it is a child process. */
  child?: { readonly ending: string | undefined; readonly stderr: string } | undefined;
}

interface Failure {
  code: ErrorCode;
  /** Follows the server's name. */
  what: string;
  hint?: string;
}

/** Names what a server failed of. Told by its shape, since the SDK lets errors of Node and of its parser through. */
export function fromServer(thrown: unknown, subject: Subject): ThreadlineError {
  if (thrown instanceof ThreadlineError) return thrown;
  const { name, message, code, cause } = thrown as Thrown;
  const ending = subject.child?.ending;
  const failure =
    ending === undefined ? named({ name, message: withoutSecrets(message, subject.server), code, cause }) : dead(ending, subject);
  return new ThreadlineError(failure.code, `MCP server \`${subject.label}\` ${failure.what}`, {
    details: { mcp_server: subject.label },
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  });
}

const dead = (ending: string, subject: Subject): Failure => ({
  code: 'step_failed',
  what: `ended (${ending}).${lastWordsOf(subject)}`,
});

/** What a child process wrote to stderr last, as a sentence to add; empty when there is nothing. */
export function lastWordsOf({ child, server }: Subject): string {
  const words = withoutSecrets(child?.stderr ?? '', server)
    .trim()
    .slice(-LAST_WORDS);
  return words === '' ? '' : ` Its last words: ${words}`;
}

type Thrown = Pick<Error, 'name' | 'message'> & { code?: unknown; cause?: { code?: unknown } | undefined };

function named({ name, message, code, cause }: Thrown): Failure {
  if (/ZodError|SyntaxError/.test(name) || code === -1)
    return { code: 'step_failed', what: 'answered with something that is not of the protocol.' };
  if (code === 'ENOENT' || code === 'EACCES')
    return { code: 'step_failed', what: `cannot be started: ${message}.`, hint: 'Is the program installed, and in PATH?' };
  if (typeof code === 'number' && code >= 300) return fromStatus(code, reasonIn(message));
  const broken = cause?.code ?? /fetch failed|disconnected|Maximum reconnection|^SSE error/.exec(message);
  if (broken) return { code: 'connection_failed', what: `cannot be reached, or the connection broke: ${reasonIn(message)}` };
  return { code: 'step_failed', what: `failed: ${reasonIn(message)}` };
}

function fromStatus(status: number, reason: string): Failure {
  const what = `answered ${status}: ${reason}`;
  if (status === 401 || status === 403) return { code: 'authentication_failed', what, hint: 'Check its `headers`.' };
  if (status === 429) return { code: 'rate_limit', what };
  if (status >= 500) return { code: 'server_error', what };
  return { code: status === 404 ? 'not_found' : 'bad_request', what };
}

/** Without what the SDK puts before it. */
const reasonIn = (message: string) =>
  message.replace(/^(MCP error -?\d+|Streamable HTTP error: Error POSTing to endpoint): /, '').slice(0, LONGEST_REASON);

/** What a server says may repeat what it was given. */
function withoutSecrets(text: string, { env, headers }: McpServer): string {
  const given = Object.values({ ...env, ...headers }).flatMap((value) => [value, ...value.split(' ')]);
  return given
    .filter((value) => value.length >= SHORTEST_SECRET)
    .reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}
