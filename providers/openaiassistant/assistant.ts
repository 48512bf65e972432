import { checkSchema, isObject, type JsonObject, type ProviderContext, ThreadlineError } from 'threadline/provider';
import { Assistant, type Config, type Params } from './schema.ts';

/** The assistant of a step: its file or map, with the step's own keys over it. */
export interface ResolvedAssistant extends Omit<Assistant, 'model'> {
  model: string;
}

const KEYS = Object.keys(Assistant.properties) as (keyof Assistant)[];

export async function resolveAssistant(params: Params, context: ProviderContext<Config>): Promise<ResolvedAssistant> {
  const base = await readAssistant(params.assistant, context);
  const own = Object.fromEntries(
    KEYS.filter((key) => key in params).map((key) => [key, params[key as keyof Params]]),
  ) as Partial<Assistant>;
  const tools = [...(base.tools ?? []), ...(own.tools ?? [])];
  const model = own.model ?? base.model ?? context.config.model;
  if (model === undefined) {
    throw new ThreadlineError('invalid_params', 'No model is named.', {
      hint: 'Write `model:` in the step, in its assistant, or in the provider configuration.',
    });
  }
  return { ...base, ...own, model, ...(tools.length > 0 ? { tools } : {}) };
}

async function readAssistant(assistant: Params['assistant'], context: ProviderContext<Config>): Promise<Assistant> {
  if (assistant === undefined) return {};
  if (typeof assistant !== 'string') return assistant;
  const data = assistantData(await context.readData(assistant));
  const [issue] = checkSchema(Assistant, data);
  if (issue) throw new ThreadlineError('invalid_config', `${assistant}: ${issue.path.join('.')} ${issue.message}.`);
  if ((data as Assistant).tools?.some(hasStep)) {
    throw new ThreadlineError('invalid_config', `${assistant}: a function's step belongs into the workflow.`, {
      hint: 'Declare the function in the file and give it its `provider:` under `tools` of the step.',
    });
  }
  return data as Assistant;
}

export const hasStep = (tool: unknown): boolean => isObject(tool) && tool.provider !== undefined;

/** The keys stand at the top of the file, or under `assistant:`. */
export const assistantData = (data: unknown): JsonObject => {
  const top = isObject(data) ? data : {};
  return isObject(top.assistant) ? top.assistant : top;
};

/** What the assistant is told, in this order: who it is, then what holds for this run only. */
export const instructionsOf = (assistant: ResolvedAssistant, params: Params): string | undefined =>
  [assistant.instructions, params.additional_instructions].filter(Boolean).join('\n\n') || undefined;
