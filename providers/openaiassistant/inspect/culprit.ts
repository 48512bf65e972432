import type { JsonObject, ThreadlineError } from 'threadline/provider';
import type { Ask, Tool } from '../wires/wire.ts';
import type { Hello } from './say-hello.ts';

/** One thing that was changed to see whether it is the culprit. */
export interface Trial {
  /** `without functions`. */
  change: string;
  error: ThreadlineError | undefined;
}

export interface Verdict {
  trials: Trial[];
  /** What is to be changed, for people; undefined where nothing helped. */
  hint: string | undefined;
  /** It only failed in passing. */
  hasPassed: boolean;
}

type Say = (ask: Ask) => Promise<Hello>;

/** Each function is tried alone where there are at most so many. */
const MOST_ALONE = 12;

/**
 * Looks for what makes a server fail that does not say it: asks again, then without functions, without the format, without
 * both, and another model, until something works. What it learns it says.
 */
export async function findCulprit(ask: Ask, failure: ThreadlineError, others: string[], say: Say): Promise<Verdict> {
  const trials: Trial[] = [];
  const attempt = async (change: string, changed: Ask): Promise<boolean> => {
    const { error } = await say(changed);
    trials.push({ change, error });
    return error === undefined;
  };
  const done = (hint: string | undefined, hasPassed = false): Verdict => ({ trials, hint, hasPassed });

  if (failure.code !== 'bad_request' && (await attempt('once more', ask)))
    return done('The server failed in passing: `retry: 3` on the step asks again.', true);
  const hasFormat = ask.format.type !== 'text';
  if (ask.tools.length > 0 && (await attempt('without functions', withoutTools(ask)))) {
    const guilty = await guiltyFunctions(ask, attempt);
    return done(functionsHint(guilty, ask, hasFormat));
  }
  if (hasFormat && (await attempt('as plain text', asText(ask)))) return done(formatHint(ask));
  if (ask.tools.length > 0 && hasFormat && (await attempt('without functions, as plain text', asText(withoutTools(ask)))))
    return done('Without functions and as plain text it works: both of them fail. Begin with one, then add the other.');
  const plain = asText(withoutTools(ask));
  for (const model of others.slice(0, 1))
    if (await attempt(`with the model ${model}`, { ...plain, model }))
      return done(`With \`model: ${model}\` it works: the model is the culprit, or cannot do what is asked of it.`);
  return done(undefined);
}

const withoutTools = (ask: Ask): Ask => ({ ...ask, tools: [], toolChoice: undefined, parallelToolCalls: undefined });
const asText = (ask: Ask): Ask => ({ ...ask, format: { type: 'text' } });

async function guiltyFunctions(ask: Ask, attempt: (change: string, changed: Ask) => Promise<boolean>): Promise<string[]> {
  const guilty: string[] = [];
  if (ask.tools.length < 2 || ask.tools.length > MOST_ALONE) return ask.tools.length === 1 ? ask.tools.map(nameOf) : [];
  for (const tool of ask.tools) {
    const name = nameOf(tool);
    if (!(await attempt(`with the function ${name} alone`, { ...ask, tools: [tool] }))) guilty.push(name);
  }
  return guilty;
}

const nameOf = (tool: Tool): string => (tool.type === 'function' ? tool.name : tool.type);

function functionsHint(guilty: string[], ask: Ask, hasFormat: boolean): string {
  const names = guilty.map((name) => `\`${name}\``).join(', ');
  const which = guilty.length === 0 || guilty.length === ask.tools.length ? '' : `, and with the others too: ${names} fails`;
  const all = guilty.length === 0 || which !== '' ? '' : ` (${names})`;
  const conflict =
    hasFormat && ask.format.type === 'json_object'
      ? ' Or leave out `json_object`, which does not go with functions everywhere.'
      : '';
  return `Without functions${all} it works${which}. Check name and schema of its parameters; \`functions_off: true\` goes on without.${conflict}`;
}

const formatHint = ({ format, tools }: Ask): string => {
  const beside = tools.length > 0 && format.type === 'json_object' ? ' beside functions' : '';
  return `As plain text it works: \`response_format\` (${format.type})${beside} is the culprit. Use \`response_format: auto\`, or a schema that the model takes.`;
};

export const trialsOf = ({ trials }: Verdict): JsonObject[] =>
  trials.map(({ change, error }) => ({ change, works: error === undefined, ...(error ? { error: error.code } : {}) }));
