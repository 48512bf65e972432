import type { Capabilities } from '../dialects/server.ts';
import type { Ask, Tool, ToolChoice } from '../question/ask.ts';
import { type Item, isToolCall } from '../question/items.ts';

/** What a request offers, and which of it may or must be called. */
export interface OfferedTools {
  tools: Tool[];
  toolChoice: ToolChoice | undefined;
}

/** The tools of a request, as far as the server takes them in the way that they are asked for. */
export function toolsFor(
  { tools }: Ask,
  can: Capabilities,
  items: readonly Item[],
  toolChoice: ToolChoice | undefined,
): OfferedTools {
  if (typeof toolChoice === 'object' && !can.named_tool_choice) return onlyFunction(tools, toolChoice.function);
  if (can.undeclared_calls || tools.some(({ type }) => type === 'function')) return { tools, toolChoice };
  return withCalled(tools, items, toolChoice);
}

/** A function that must be called, where the server cannot be told its name: there is no other. */
const onlyFunction = (tools: Tool[], wanted: string): OfferedTools => ({
  tools: tools.filter((tool) => tool.type === 'function' && tool.name === wanted),
  toolChoice: 'required',
});

/** Declares the functions that were called before in the thread, and allows none. */
function withCalled(tools: Tool[], items: readonly Item[], toolChoice: ToolChoice | undefined): OfferedTools {
  const names = new Set(items.filter(isToolCall).map(({ name }) => name));
  const called = [...names].map((name): Tool => {
    const parameters = { type: 'object', properties: {} };
    return { type: 'function', name, description: 'Was called before.', parameters, strict: false };
  });
  if (called.length === 0) return { tools, toolChoice };
  return { tools: [...tools, ...called], toolChoice: tools.length > 0 ? toolChoice : 'none' };
}
