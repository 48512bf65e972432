import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { toolNotOffered } from '../base/api-error.ts';
import { objectsIn } from '../base/request-json.ts';
import { countJsonTokens, countTokens } from '../base/tokens.ts';
import { checkJsonMentioned, formatOf, functionsOf, toolChoiceOf } from '../rules/chat-form.ts';
import type { RequestFeatures } from '../rules/request-features.ts';
import { type Message, textOfMessage } from './messages.ts';
import type { RunObject } from './run-object.ts';

/** Input that a model would get. */
export interface RunContext {
  run: RunObject;
  /** Messages that the truncation strategy keeps. */
  messages: readonly Message[];
  /** Outputs of the run's latest function calls. */
  outputs: readonly JsonObject[];
}

export function runContextOf(run: RunObject, messages: readonly Message[], outputs: readonly JsonObject[] = []): RunContext {
  const { truncation_strategy: strategy } = run;
  const last = isObject(strategy) && strategy.type === 'last_messages' ? Number(strategy.last_messages) : messages.length;
  return { run, messages: messages.slice(-last), outputs };
}

/** Refuses requests that OpenAI refuses before calling a model. */
export function checkRunContext({ run, messages }: RunContext): void {
  checkToolChoice(run);
  checkJsonMentioned(run, [String(run.instructions), ...messages.map(textOfMessage)]);
}

function checkToolChoice(run: RunObject): void {
  const { tools, tool_choice: choice } = run;
  if (choice === 'required' && objectsIn(tools).length === 0) throw toolNotOffered(choice);
  const named = isObject(choice) && isObject(choice.function) ? String(choice.function.name) : undefined;
  if (named !== undefined && !functionsOf(run).some(({ name }) => name === named)) throw toolNotOffered(named);
}

export function featuresOfRun({ run, messages, outputs }: RunContext, path: string): RequestFeatures {
  const lastUserMessage = messages.findLast(({ role }) => role === 'user');
  return {
    path,
    model: String(run.model),
    instructions: String(run.instructions),
    prompt: lastUserMessage ? textOfMessage(lastUserMessage) : '',
    toolOutput: outputs.length > 0 ? outputs.map(({ output }) => String(output ?? '')).join('\n') : undefined,
    turn: messages.filter(({ role }) => role === 'assistant').length,
    format: formatOf(run),
    functions: functionsOf(run),
    toolChoice: openToolChoice(run, outputs.length > 0),
  };
}

/** A required tool must be called only before the assistant's first message. */
function openToolChoice(run: RunObject, hasCalled: boolean): RequestFeatures['toolChoice'] {
  const choice = toolChoiceOf(run);
  return hasCalled && choice.mode === 'required' ? { mode: 'auto' } : choice;
}

export function promptTokensOfRun({ run, messages, outputs }: RunContext): number {
  const texts = [String(run.instructions), ...messages.map(textOfMessage), ...outputs.map(({ output }) => String(output ?? ''))];
  const extras = [run.tools, run.response_format].filter(
    (extra) => isObject(extra) || (Array.isArray(extra) && extra.length > 0),
  );
  return countTokens(texts.join('')) + countJsonTokens(extras);
}
