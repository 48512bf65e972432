import { type Ask, allInstructions } from '../question/ask.ts';
import { type Item, isToolCall, isToolOutput, type ToolCallItem } from '../question/items.ts';
import { type Counter, tokensOf } from './tokens.ts';

interface PromptPart {
  name: string;
  tokens: number;
  /** How it becomes shorter. */
  hint: string;
}

const SHOWN = 3;

/** The longest parts of a prompt as text, the longest first, and what to do about that one. */
export function blameLongest(ask: Ask, items: readonly Item[], count: Counter): { longest: string; hint: string } {
  const parts = [...partsOfFrame(ask, count), ...partsOfThread(items, count)].toSorted((one, other) => other.tokens - one.tokens);
  const longest = parts.slice(0, SHOWN).map(({ name, tokens }) => `${name} (${tokens.toLocaleString('en')})`);
  return { longest: longest.join(', '), hint: parts[0]?.hint ?? '' };
}

function partsOfFrame(ask: Ask, count: Counter): PromptPart[] {
  const { tools, format } = ask;
  return [
    { name: 'the instructions', tokens: count(allInstructions(ask) ?? ''), hint: 'Shorten the instructions.' },
    {
      name: 'the declarations of the tools',
      tokens: tools.length === 0 ? 0 : count(JSON.stringify(tools)),
      hint: 'Offer fewer tools, or describe them in fewer words; `allow` chooses among those of an MCP server.',
    },
    {
      name: 'the schema of the answer',
      tokens: format.type === 'json_schema' ? count(JSON.stringify(format.schema)) : 0,
      hint: 'Shorten the schema of `response_format`.',
    },
  ].filter(({ tokens }) => tokens > 0);
}

function partsOfThread(items: readonly Item[], count: Counter): PromptPart[] {
  const open: ToolCallItem[] = [];
  return items.map((item) => {
    const tokens = tokensOf(item, count);
    if (isToolCall(item)) open.push(item);
    const called = isToolOutput(item) ? open.findIndex(({ callId }) => callId === item.callId) : -1;
    if (called >= 0) return { ...partOfOutput(open.splice(called, 1)[0]?.name), tokens };
    return { ...partOfItem(item), tokens };
  });
}

const partOfOutput = (name: string | undefined): Pick<PromptPart, 'name' | 'hint'> => ({
  name: name === undefined ? 'an output' : `the output of \`${name}\``,
  hint: "Lower the function's `max_output`, or say by its `result` what of the output the model needs.",
});

function partOfItem(item: Item): Pick<PromptPart, 'name' | 'hint'> {
  switch (item.type) {
    case 'tool_call':
      return { name: `the arguments for \`${item.name}\``, hint: 'Ask for less at once.' };
    case 'tool_output':
      return partOfOutput(undefined);
    case 'opaque':
      return { name: 'a thought of the model', hint: 'Begin a new thread.' };
    default: {
      if (item.role === 'assistant')
        return { name: 'an answer of the model', hint: 'Begin a new thread, or show less of this one.' };
      const files = item.parts.some(({ type }) => type !== 'text') ? ' with its images and files' : '';
      return { name: `a message${files}`, hint: 'Ask for less at once.' };
    }
  }
}
