import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { badRequest } from '../base/api-error.ts';
import { countJsonTokens, countTokens } from '../base/tokens.ts';
import type { OfferedFunction, RequestFeatures } from '../rules/request-features.ts';
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
export function checkContext({ run, messages }: RunContext): void {
  checkToolChoice(run);
  if (formatOf(run).type !== 'json_object') return;
  const texts = [String(run.instructions), ...messages.map(textOfMessage)];
  if (texts.some((text) => /json/i.test(text))) return;
  const message = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
  throw badRequest(message, 'messages');
}

function checkToolChoice({ tools, tool_choice: choice }: RunObject): void {
  const offered = Array.isArray(tools) ? tools.filter(isObject) : [];
  const named = isObject(choice) && isObject(choice.function) ? String(choice.function.name) : undefined;
  const message = (name: string) => `Tool choice '${name}' not found in 'tools' parameter.`;
  if (choice === 'required' && offered.length === 0) throw badRequest(message(choice), 'tool_choice');
  if (named !== undefined && !functionsOf(offered).some(({ name }) => name === named)) {
    throw badRequest(message(named), 'tool_choice');
  }
}

export function featuresOf({ run, messages, outputs }: RunContext, path: string): RequestFeatures {
  const lastUserMessage = messages.findLast(({ role }) => role === 'user');
  return {
    path,
    model: String(run.model),
    instructions: String(run.instructions),
    prompt: lastUserMessage ? textOfMessage(lastUserMessage) : '',
    toolOutput: outputs.length > 0 ? outputs.map(({ output }) => String(output ?? '')).join('\n') : undefined,
    turn: messages.filter(({ role }) => role === 'assistant').length,
    format: formatOf(run),
    functions: functionsOf(run.tools),
    toolChoice: toolChoiceOf(run, outputs.length > 0),
  };
}

function formatOf({ response_format: format }: RunObject): RequestFeatures['format'] {
  if (!isObject(format)) return { type: 'text' };
  const { json_schema: schema } = format;
  if (isObject(schema)) return { type: 'json_schema', name: String(schema.name), schema: schema.schema ?? {} };
  return { type: format.type === 'json_object' ? 'json_object' : 'text' };
}

function functionsOf(tools: unknown): OfferedFunction[] {
  const definitions = Array.isArray(tools) ? tools.filter(isObject).map((tool) => tool.function) : [];
  return definitions.filter(isObject).map(({ name, parameters }) => ({ name: String(name), parameters: parameters ?? {} }));
}

/** A required tool must be called only before the assistant's first message. */
function toolChoiceOf({ tool_choice: choice }: RunObject, hasCalled: boolean): RequestFeatures['toolChoice'] {
  if (choice === 'none') return { mode: choice };
  if (hasCalled) return { mode: 'auto' };
  if (choice === 'required') return { mode: choice };
  const named = isObject(choice) && isObject(choice.function) ? choice.function.name : undefined;
  return typeof named === 'string' ? { mode: 'required', name: named } : { mode: 'auto' };
}

export function promptTokensOf({ run, messages, outputs }: RunContext): number {
  const texts = [String(run.instructions), ...messages.map(textOfMessage), ...outputs.map(({ output }) => String(output ?? ''))];
  const extras = [run.tools, run.response_format].filter(
    (extra) => isObject(extra) || (Array.isArray(extra) && extra.length > 0),
  );
  const extraTokens = extras.map((extra) => countJsonTokens(extra ?? null));
  return countTokens(texts.join('')) + extraTokens.reduce((sum, tokens) => sum + tokens, 0);
}
