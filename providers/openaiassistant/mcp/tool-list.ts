import { ThreadlineError } from 'threadline/provider';
import type { McpServer } from '../contract/mcp-schema.ts';
import type { ListToolsResult, Tool } from './sdk.ts';

const MOST_PAGES = 100;
const FITS = /^[a-zA-Z0-9_-]{1,64}$/;
const LONGEST_NAME = 64;

/** Reads all pages of tools; each name counts once. Throws `step_failed` when the pages do not end. */
export async function listTools(label: string, page: (cursor: string | undefined) => Promise<ListToolsResult>): Promise<Tool[]> {
  const found = new Map<string, Tool>();
  let cursor: string | undefined;
  for (let count = 0; count < MOST_PAGES; count++) {
    const { tools, nextCursor } = await page(cursor);
    for (const tool of tools) if (!found.has(tool.name)) found.set(tool.name, tool);
    if (!nextCursor) return [...found.values()];
    cursor = nextCursor;
  }
  throw new ThreadlineError('step_failed', `MCP server \`${label}\` lists its tools without end.`);
}

/** The tools that `allow` and `deny` let through, and that can be called. */
export function chooseTools(tools: Tool[], { allow, deny = [] }: McpServer, warn: (message: string) => void): Tool[] {
  for (const glob of [...(allow ?? []), ...deny])
    if (!tools.some(({ name }) => matches(glob, name))) warn(`has no tool \`${glob}\``);
  const chosen = tools.filter(
    ({ name }) => (allow ?? ['*']).some((glob) => matches(glob, name)) && !deny.some((glob) => matches(glob, name)),
  );
  return chosen.filter(({ name, execution }) => {
    if (execution?.taskSupport !== 'required') return true;
    warn(`runs its tool \`${name}\` as a task only, so it is left out`);
    return false;
  });
}

function matches(glob: string, name: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 's').test(name);
}

/** Names that models' APIs take, in the same order and all different. Names that fit stay as they are. */
export function fittingNames(names: string[], prefix: string | undefined): string[] {
  const wanted = prefix === undefined ? names : names.map((name) => `${prefix}_${name}`);
  const taken = new Set(wanted.filter((name) => FITS.test(name)));
  return wanted.map((name) => (FITS.test(name) ? name : freeName(name, taken)));
}

function freeName(name: string, taken: Set<string>): string {
  const fitting = name.replace(/[^a-zA-Z0-9_-]/gu, '_').slice(0, LONGEST_NAME) || 'tool';
  let free = fitting;
  for (let number = 2; taken.has(free); number++) {
    const suffix = `_${number}`;
    free = fitting.slice(0, LONGEST_NAME - suffix.length) + suffix;
  }
  taken.add(free);
  return free;
}
