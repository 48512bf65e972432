import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';

const OBJECT = { type: 'object' as const };
const PICTURE = Buffer.alloc(3_000_000, 1).toString('base64');
const text = (value: string): CallToolResult => ({ content: [{ type: 'text', text: value }] });

type Call = (args: Record<string, unknown>, signal: AbortSignal, server: ToolServer) => CallToolResult | Promise<CallToolResult>;

/** The work of each tool. */
const CALLS: Record<string, Call> = {
  echo: (args) => text(JSON.stringify(args)),
  'dotted.name': (_, __, { calls }) => text(`called as ${calls.at(-1)}`),
  structured: () => ({ ...text('in words'), structuredContent: { rows: [1, 2] } }),
  media: () => ({
    content: [
      { type: 'text', text: 'first' },
      { type: 'image', mimeType: 'image/png', data: PICTURE },
      { type: 'resource_link', name: 'log', uri: 'file:///log', mimeType: 'text/plain' },
      { type: 'resource', resource: { uri: 'file:///a.bin', mimeType: 'application/zip', blob: PICTURE } },
      { type: 'resource', resource: { uri: 'file:///big.txt', mimeType: 'text/plain', text: 'x'.repeat(1_000_000) } },
      { type: 'resource', resource: { uri: 'file:///a.txt', text: 'the text of a file' } },
    ],
  }),
  fails: () => ({ ...text('no such service'), isError: true }),
  throws: () => {
    throw new Error('the server tripped');
  },
  hangs: (_, signal, server) =>
    new Promise(() => {
      server.onHang();
      signal.addEventListener('abort', server.onCancel);
    }),
  environment: () => text(JSON.stringify(process.env)),
};

export interface ToolServer {
  server: Server;
  /** The names that were called. */
  calls: string[];
  /** Told when the tool `hangs` is called, and when that call is cancelled. */
  onHang(): void;
  onCancel(): void;
}

export interface Listing {
  tools?: Tool[];
  pageSize?: number;
  /** Whether the last page leads to another one. */
  isEndless?: boolean;
}

export const toolNamed = (name: string, more: Partial<Tool> = {}): Tool => ({ name, inputSchema: OBJECT, ...more });
export const TOOLS: Tool[] = Object.keys(CALLS).map((name) => toolNamed(name, { description: `Does ${name}` }));

/** A server on the SDK's own server side. */
export function makeToolServer(
  { tools = TOOLS, pageSize = 3, isEndless = false }: Listing = {},
  more: typeof CALLS = {},
): ToolServer {
  const server = new Server({ name: 'tools', version: '1' }, { capabilities: { tools: {} } });
  const made: ToolServer = { server, calls: [], onHang: () => {}, onCancel: () => {} };
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
    const end = Number(params?.cursor ?? 0) + pageSize;
    const hasMore = isEndless || end < tools.length;
    return { tools: tools.slice(end - pageSize, end), ...(hasMore ? { nextCursor: String(end) } : {}) };
  });
  server.setRequestHandler(CallToolRequestSchema, ({ params: { name, arguments: args = {} } }, { signal }) => {
    made.calls.push(name);
    const call = more[name] ?? CALLS[name];
    if (!call) throw new Error(`no tool ${name}`);
    return call(args, signal, made);
  });
  return made;
}
