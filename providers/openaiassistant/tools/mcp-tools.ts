import type { ProviderContext } from 'threadline/provider';
import type { Config } from '../contract/schema.ts';
import { type McpSession, openMcpServers } from '../mcp/index.ts';
import type { FunctionTool, ToolEntry } from './functions.ts';

/** The tools of MCP servers, which run until `close`. */
export interface McpTools {
  functions: FunctionTool[];
  close(): Promise<void>;
}

/** Starts or connects to the MCP servers among the tools. */
export async function openMcpTools(tools: ToolEntry[], context: ProviderContext<Config>, signal: AbortSignal): Promise<McpTools> {
  const servers = tools.flatMap((tool) => (typeof tool === 'object' && 'mcp' in tool ? [tool.mcp] : []));
  if (servers.length === 0) return { functions: [], close: async () => {} };
  const log = (level: 'debug' | 'info' | 'warning' | 'error', message: string) => context.emit({ type: 'log', level, message });
  const session = await openMcpServers(servers, { signal, log, fetch: context.fetch });
  return { functions: session.tools.map(functionOf), close: () => session.close() };
}

/** The server checks the arguments: its schema, which is not trusted, is not compiled here. */
const functionOf = ({
  name,
  description,
  parameters,
  timeoutMs,
  maxOutput,
  call,
}: McpSession['tools'][number]): FunctionTool => ({
  name,
  description,
  parameters,
  strict: false,
  timeoutMs,
  maxOutput,
  retries: 0,
  mistakesOf: () => [],
  isForeign: true,
  call: (args, _path, signal) => call(args, signal),
});
