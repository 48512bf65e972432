import { ThreadlineError } from 'threadline/provider';
import type { McpServer } from '../contract/mcp-schema.ts';
import type { McpOptions, McpSession, McpTool } from './session.ts';

export { checkMcpServer, McpServer } from '../contract/mcp-schema.ts';
export type { McpOptions, McpSession } from './session.ts';

/** The most tools that models' APIs take in one request. */
const MOST_TOOLS = 128;

/**
 * Opens all servers at once and lists their tools. When one fails, closes the others and rejects: with `timeout`, `step_failed`
 * where a process ended or did not start, `connection_failed` and the like, `blocked_target`, or `invalid_params` where tools
 * of two servers have the same name or there are too many. An abort of the signal closes all that is open.
 */
export async function openMcpServers(servers: readonly McpServer[], options: McpOptions): Promise<McpSession> {
  if (servers.length === 0) return { tools: [], close: async () => {} };
  const session = joined(await openAll(servers, options), options.signal);
  try {
    options.signal.throwIfAborted();
    refuseClashes(session.tools);
    refuseTooMany(session.tools.length);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Opens the servers; the first failure stops the others. */
async function openAll(servers: readonly McpServer[], options: McpOptions): Promise<McpSession[]> {
  // Loads the SDK.
  const { openServer } = await import('./open-server.ts');
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const open = (server: McpServer) =>
    openServer(server, { ...options, signal }).catch((error) => {
      failure.abort(error);
      throw error;
    });
  const outcomes = await Promise.allSettled(servers.map(open));
  const sessions = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  if (!failure.signal.aborted) return sessions;
  await Promise.all(sessions.map((session) => session.close()));
  throw failure.signal.reason;
}

/** A session over all servers. It closes with the signal, and leaves no listener on it. */
function joined(sessions: McpSession[], signal: AbortSignal): McpSession {
  let closing: Promise<unknown> | undefined;
  const close = async () => {
    signal.removeEventListener('abort', close);
    closing ??= Promise.all(sessions.map((session) => session.close()));
    await closing;
  };
  signal.addEventListener('abort', close, { once: true });
  return { tools: sessions.flatMap(({ tools }) => tools), close };
}

function refuseClashes(tools: readonly McpTool[]): void {
  const owners = new Map<string, string>();
  for (const { name, server } of tools) {
    const owner = owners.get(name);
    if (owner !== undefined) {
      throw new ThreadlineError(
        'invalid_params',
        `The MCP servers \`${owner}\` and \`${server}\` both have a tool \`${name}\`.`,
        {
          hint: 'Give them a `name` each, which is put before the names of their tools.',
        },
      );
    }
    owners.set(name, server);
  }
}

function refuseTooMany(count: number): void {
  if (count <= MOST_TOOLS) return;
  throw new ThreadlineError('invalid_params', `The MCP servers have ${count} tools, and a model takes at most ${MOST_TOOLS}.`, {
    hint: 'Choose among them by `allow`, such as `allow: ["query_*"]`.',
  });
}
