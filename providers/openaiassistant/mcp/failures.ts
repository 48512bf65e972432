import { type ErrorCode, ThreadlineError } from 'threadline/provider';
import type { McpServer } from '../contract/mcp-schema.ts';

/** Longer reasons are cut: some servers answer with whole pages. */
const LONGEST_REASON = 1000;
const LAST_WORDS = 2048;
const SHORTEST_SECRET = 8;

/** The server that failed. */
export interface NamedServer {
  label: string;
  server: McpServer;
  /** Given where the server is a child process. */
  child?: { readonly ending: string | undefined; readonly stderr: string } | undefined;
}

interface Failure {
  code: ErrorCode;
  /** Follows the server's name. */
  what: string;
  hint?: string;
}

/** Turns a server's failure into a ThreadlineError. Looks at its shape: the SDK lets errors of Node and of its parser through. */
export function fromServer(thrown: unknown, subject: NamedServer): ThreadlineError {
  if (thrown instanceof ThreadlineError) return fromHost(thrown, subject);
  const { name, message, code, cause } = thrown as Thrown;
  const ending = subject.child?.ending;
  const failure =
    ending === undefined
      ? failureFrom({ name, message: withoutSecrets(message, subject.server), code, cause })
      : endedFailure(ending, subject);
  return new ThreadlineError(failure.code, `MCP server \`${subject.label}\` ${failure.what}`, {
    details: { mcp_server: subject.label },
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  });
}

/** Adds the server's name to what the host's `fetch` failed with. Whether to try again is the code's to say: opening does nothing twice. */
function fromHost({ code, message, hint, details, cause }: ThreadlineError, { label, server }: NamedServer): ThreadlineError {
  return new ThreadlineError(code, `MCP server \`${label}\`: ${withoutSecrets(message, server)}`, {
    details: { ...details, mcp_server: label },
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

const endedFailure = (ending: string, subject: NamedServer): Failure => ({
  code: 'step_failed',
  what: `ended (${ending}).${lastWordsOf(subject)}`,
});

/** The end of a child process's stderr, as a sentence to add; empty when there is nothing. */
export function lastWordsOf({ child, server }: NamedServer): string {
  const words = withoutSecrets(child?.stderr ?? '', server)
    .trim()
    .slice(-LAST_WORDS);
  return words === '' ? '' : ` Its last words: ${words}`;
}

type Thrown = Pick<Error, 'name' | 'message'> & { code?: unknown; cause?: { code?: unknown } | undefined };

function failureFrom({ name, message, code, cause }: Thrown): Failure {
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

/** The message without the SDK's prefix. */
const reasonIn = (message: string) =>
  message.replace(/^(MCP error -?\d+|Streamable HTTP error: Error POSTing to endpoint): /, '').slice(0, LONGEST_REASON);

/** Masks the server's headers and variables, which its messages may repeat. */
function withoutSecrets(text: string, { env, headers }: McpServer): string {
  const given = Object.values({ ...env, ...headers }).flatMap((value) => [value, ...value.split(' ')]);
  return given
    .filter((value) => value.length >= SHORTEST_SECRET)
    .reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}
