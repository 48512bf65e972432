import type { Capabilities } from '../dialects/server.ts';
import type { Ask, Tool, ToolChoice } from '../question/ask.ts';
import { type Item, isToolCall } from '../question/items.ts';

/**
 * The tools of a request, and which of them may be called. Where a server takes no thread with calls of functions that are not
 * declared, a step without functions declares those that were called before, and allows none.
 */
export function toolsFor(
  { tools }: Ask,
  { undeclared_calls: takesUndeclared }: Capabilities,
  items: readonly Item[],
  toolChoice: ToolChoice | undefined,
): { tools: Tool[]; toolChoice: ToolChoice | undefined } {
  if (takesUndeclared || tools.some(({ type }) => type === 'function')) return { tools, toolChoice };
  const names = new Set(items.filter(isToolCall).map(({ name }) => name));
  if (names.size === 0) return { tools, toolChoice };
  const called = [...names].map(
    (name): Tool => ({
      type: 'function',
      name,
      description: 'Was called before.',
      parameters: { type: 'object', properties: {} },
      strict: false,
    }),
  );
  return { tools: [...tools, ...called], toolChoice: tools.length > 0 ? toolChoice : 'none' };
}
