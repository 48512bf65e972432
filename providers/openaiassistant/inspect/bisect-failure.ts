import type { JsonObject, ThreadlineError } from 'threadline/provider';
import type { Ask, Tool } from '../question/ask.ts';
import type { Hello } from './say-hello.ts';

/** A question that was asked with one change, to see whether it works then. */
interface Trial {
  /** `without functions`. */
  change: string;
  error: ThreadlineError | undefined;
}

export interface Verdict {
  trials: Trial[];
  /** How to change the step, in words; undefined where nothing helped. */
  hint: string | undefined;
  /** Whether the same question worked when it was asked again. */
  hasPassed: boolean;
}

type Say = (ask: Ask) => Promise<Hello>;

/** The most functions that are tried one by one. */
const MOST_ALONE = 12;

/**
 * Finds which part of a question makes a server fail: asks it again, then without functions, without the format, without both,
 * and of another model, until something works.
 */
export async function bisectFailure(ask: Ask, failure: ThreadlineError, others: string[], say: Say): Promise<Verdict> {
  const trials: Trial[] = [];
  const works: Works = async (change, changed) => {
    const { error } = await say(changed);
    trials.push({ change, error });
    return error === undefined;
  };
  if (failure.code !== 'bad_request' && (await works('once more', ask)))
    return { trials, hint: 'The server failed in passing: `retry: 3` on the step asks again.', hasPassed: true };
  const hint = (await partHint(ask, works)) ?? (await modelHint(ask, others, works));
  return { trials, hint, hasPassed: false };
}

type Works = (change: string, changed: Ask) => Promise<boolean>;

/** A hint if it works without functions, without the format, or without both. */
async function partHint(ask: Ask, works: Works): Promise<string | undefined> {
  const hasTools = ask.tools.length > 0;
  const hasFormat = ask.format.type !== 'text';
  const withoutThem = hasTools && (await works('without functions', withoutTools(ask)));
  const asWords = hasFormat && (await works('as plain text', asText(ask)));
  if (withoutThem && asWords) return conflictHint(ask);
  if (withoutThem) return functionsHint(await guiltyFunctions(ask, works));
  if (asWords)
    return `As plain text it works: ${formatName(ask)} is the culprit. Simplify its schema, or say \`auto\` where JSON is not needed.`;
  if (hasTools && hasFormat && (await works('without functions, as plain text', plain(ask))))
    return 'Without functions and as plain text it works, with one of them it does not: mend one, then add the other.';
  return undefined;
}

async function modelHint(ask: Ask, [model]: string[], works: Works): Promise<string | undefined> {
  if (model === undefined || !(await works(`with the model ${model}`, { ...ask, model }))) return undefined;
  return `With \`model: ${model}\` it works: the other model fails, or cannot do what is asked of it.`;
}

const withoutTools = (ask: Ask): Ask => ({ ...ask, tools: [], toolChoice: undefined, parallelToolCalls: undefined });
const asText = (ask: Ask): Ask => ({ ...ask, format: { type: 'text' } });
const plain = (ask: Ask): Ask => asText(withoutTools(ask));
const formatName = ({ format }: Ask): string => `\`response_format\` (${format.type})`;

/** The functions that fail alone; all of them where there are too many to try. */
async function guiltyFunctions({ tools, ...ask }: Ask, works: Works): Promise<string[]> {
  const names = tools.map(toolName);
  if (tools.length === 1 || tools.length > MOST_ALONE) return names;
  const guilty: string[] = [];
  for (const [index, tool] of tools.entries()) {
    const name = names[index] as string;
    if (!(await works(`with the function ${name} alone`, { ...ask, tools: [tool] }))) guilty.push(name);
  }
  return guilty.length > 0 ? guilty : names;
}

const toolName = (tool: Tool): string => (tool.type === 'function' ? tool.name : tool.type);

const functionsHint = (guilty: string[]): string =>
  `Without ${guilty.map((name) => `\`${name}\``).join(', ')} it works: look at name, description and schema there. \`functions_off: true\` goes on without functions.`;

const conflictHint = (ask: Ask): string =>
  `Functions work without ${formatName(ask)}, and it works without functions: together they fail. Ask for a \`schema\` instead of \`json_object\`, or for \`auto\` where JSON is not needed.`;

export const trialsOf = ({ trials }: Verdict): JsonObject[] =>
  trials.map(({ change, error }) => ({ change, works: error === undefined, ...(error ? { error: error.code } : {}) }));
