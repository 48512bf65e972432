import type OpenAI from 'openai';
import { type Finding, isObject, type JsonObject, ThreadlineError, toJson } from 'threadline/provider';
import type { ModelRoute } from '../routes/model-routes.ts';
import { ok, orFailure, problem, warning } from './finding.ts';
import type { Prepared } from './prepare.ts';
import { askBriefly, failureOf } from './probe.ts';

/** The longest instructions that APIs take. */
const MOST_CHARACTERS = 256_000;
/** Longer instructions are worth a warning: each question pays for them, and models lose track. */
const MANY_CHARACTERS = 60_000;
const CHARACTERS_PER_TOKEN = 4;

/** Findings about the instructions of a step. */
export function instructionsFindings({ assistant: { instructions } }: Prepared): Finding[] {
  if (instructions === undefined) return [];
  const length = instructions.length;
  const size = `${length.toLocaleString('en-US')} characters`;
  if (length > MOST_CHARACTERS) {
    const message = `The instructions have ${size}; servers take ${MOST_CHARACTERS.toLocaleString('en-US')}.`;
    const hint = 'Shorten them, or put what the assistant looks up into files: `file_search`.';
    return [problem('assistant', new ThreadlineError('invalid_params', message, { hint }))];
  }
  if (length <= MANY_CHARACTERS) return [ok('assistant', `Instructions of ${size}.`)];
  const tokens = Math.round(length / CHARACTERS_PER_TOKEN / 1000);
  const hint = 'Put what the assistant looks up into files: `file_search`.';
  return [
    warning('assistant', `The instructions have ${size}, about ${tokens},000 tokens that each question pays for.`, { hint }),
  ];
}

/** Whether the server has an assistant that it should keep, or keeps none any more. */
export async function keptAssistantFinding(
  { route, id, model }: { route: ModelRoute; id: string; model: string | undefined },
  client: OpenAI | undefined,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const { server, wire, config } = route;
  if (server.endedAssistants) {
    const message = `\`${id}\` leads nowhere: ${server.host} shut the Assistants API down on 2026-08-26.`;
    const hint = `Put ${model === undefined ? 'the model, ' : ''}instructions and tools into a file, name it as \`assistant:\`, and leave the id out.`;
    return warning('assistant', message, { hint, details: { assistant_id: id } });
  }
  if (!wire.hasAssistants) {
    const hint = 'Use `wire: assistants` if the server keeps assistants, or leave the id out.';
    return warning('assistant', `\`${id}\` is not used: the wire \`${wire.name}\` knows no assistants.`, { hint });
  }
  if (!client) return undefined;
  const asked = askBriefly(signal, (limit) => client.beta.assistants.retrieve(id, { signal: limit })).catch((thrown: unknown) => {
    throw failureOf(thrown, config, client);
  });
  const found = await orFailure(asked, signal);
  if (!(found instanceof ThreadlineError)) return ok('assistant', describeAssistant(id, toJson(found) as JsonObject));
  if (found.code !== 'not_found') return problem('assistant', found);
  const message = `${server.host} has no assistant \`${id}\`, or the key may not see it.`;
  const hint = 'Check OPENAI_ASSISTANT_ID and the project of the key.';
  return problem('assistant', new ThreadlineError('not_found', message, { hint, details: { assistant_id: id } }));
}

function describeAssistant(id: string, { name, model, tools }: JsonObject): string {
  const list = (Array.isArray(tools) ? tools : []).filter(isObject);
  const facts = [`model ${String(model ?? 'unknown')}`, `${list.length} tool${list.length === 1 ? '' : 's'}`];
  return `\`${id}\` is there${typeof name === 'string' ? ` (${name})` : ''}: ${facts.join(', ')}.`;
}
