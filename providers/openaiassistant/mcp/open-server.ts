import { basename } from 'node:path';
import { durationMs, type JsonObject, ThreadlineError, toJson, withDeadline } from 'threadline/provider';
import { MAX_OUTPUT } from '../contract/max-output.ts';
import { checkMcpServer, type McpServer } from '../contract/mcp-schema.ts';
import { Connection } from './connection.ts';
import { offeredSchema } from './offered-schema.ts';
import type { Tool } from './sdk.ts';
import type { McpOptions, McpSession, McpTool } from './session.ts';
import { chooseTools, fittingNames, listTools } from './tool-list.ts';
import { readResult } from './tool-result.ts';

const CALL_MS = 60_000;
const CONNECT_MS = 20_000;
const LONGEST_DESCRIPTION = 1024;

/** Opens a server and lists its tools. On failure rejects when nothing of the server is left running. */
export async function openServer(server: McpServer, { signal, fetch, log }: McpOptions): Promise<McpSession> {
  const [mistake] = checkMcpServer(server);
  if (mistake) throw new ThreadlineError('invalid_params', `In \`mcp\`, ${mistake.message}.`, hintOf(mistake.hint));
  const label = labelOf(server);
  const connection = new Connection({ label, server }, log);
  const limitMs = durationMs(server.connect_timeout ?? '') ?? CONNECT_MS;
  const late = new ThreadlineError('timeout', `MCP server \`${label}\` was not ready within ${limitMs / 1000} seconds.`);
  try {
    const found = await withDeadline(limitMs, late, signal, async (limit) => {
      await connection.open(fetch, limit);
      return listTools(label, (cursor) => connection.list(cursor, limit));
    });
    const chosen = chooseTools(found, server, (what) => log('warning', `MCP server ${label} ${what}`));
    if (chosen.length === 0) log('warning', `MCP server ${label} has no tools for the model`);
    const names = fittingNames(
      chosen.map(({ name }) => name),
      server.name,
    );
    const tools = chosen.map((tool, index) => offer(tool, names[index] as string, label, server, connection));
    return { tools, close: () => connection.close() };
  } catch (error) {
    await connection.close();
    // The last words tell what it waits for, such as a sign-in.
    throw error === late ? new ThreadlineError('timeout', `${late.message}${connection.lastWords}`) : error;
  }
}

function offer(tool: Tool, name: string, server: string, { timeout, max_output }: McpServer, connection: Connection): McpTool {
  const { description = tool.title ?? tool.annotations?.title, inputSchema } = tool;
  const timeoutMs = durationMs(timeout ?? '') ?? CALL_MS;
  return {
    name,
    server,
    description: description && shortened(description),
    parameters: offeredSchema(toJson(inputSchema) as JsonObject),
    timeoutMs,
    maxOutput: max_output ?? MAX_OUTPUT,
    call(args, signal) {
      const late = new ThreadlineError('timeout', `Tool \`${name}\` took longer than ${timeoutMs / 1000} seconds.`);
      return withDeadline(timeoutMs, late, signal, async (limit) => readResult(await connection.call(tool.name, args, limit)));
    },
  };
}

const shortened = (text: string) =>
  text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION - 1).trimEnd()}…`;

/** The server's name for people: its name, host, or program with what it runs. Further arguments may hold secrets. */
function labelOf({ name, url, command = [] }: McpServer): string {
  if (name !== undefined) return name;
  if (url !== undefined) return URL.parse(url)?.host ?? 'without an address';
  const [program = '', ...args] = command;
  const subject = args.find((argument) => !argument.startsWith('-'));
  return [program, ...(subject === undefined ? [] : [subject])].map((part) => basename(part)).join(' ');
}

const hintOf = (hint: string | undefined) => (hint === undefined ? {} : { hint });
