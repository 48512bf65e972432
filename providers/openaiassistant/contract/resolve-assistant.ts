import { isObject, type JsonObject, type ProviderContext, ThreadlineError } from 'threadline/provider';
import { checkSchema } from 'threadline/runtime';
import { ASSISTANT_ID, Assistant, type Config, type Params } from './schema.ts';

/** The assistant of a step: its file or map, with the step's own keys over it. */
export interface ResolvedAssistant extends Assistant {
  /** Given where the server keeps the assistant. */
  id?: string;
}

const KEYS = Object.keys(Assistant.properties) as (keyof Assistant)[];

export async function resolveAssistant(params: Params, context: ProviderContext<Config>): Promise<ResolvedAssistant> {
  const { assistant } = params;
  const isForeign = typeof assistant === 'string' && ASSISTANT_ID.test(assistant);
  const base = isForeign ? {} : await readAssistant(assistant, context);
  const own = Object.fromEntries(
    KEYS.filter((key) => key in params).map((key) => [key, params[key as keyof Params]]),
  ) as Partial<Assistant>;
  const tools = [...(base.tools ?? []), ...(own.tools ?? [])];
  const resolved: ResolvedAssistant = { ...base, ...own, ...(tools.length > 0 ? { tools } : {}) };
  if (isForeign) return { ...resolved, id: assistant };
  const { config } = context;
  const model = resolved.model ?? config.model;
  const instructions = resolved.instructions ?? config.instructions;
  return { ...resolved, ...(model === undefined ? {} : { model }), ...(instructions === undefined ? {} : { instructions }) };
}

async function readAssistant(assistant: Params['assistant'], context: ProviderContext<Config>): Promise<Assistant> {
  if (assistant === undefined) return {};
  if (typeof assistant !== 'string') return assistant;
  const data = assistantData(await context.files.data(assistant));
  const [issue] = checkSchema(Assistant, data);
  if (issue) throw new ThreadlineError('invalid_config', `${assistant}: ${issue.path.join('.')} ${issue.message}.`);
  if ((data as Assistant).tools?.some(isOfWorkflow)) {
    throw new ThreadlineError('invalid_config', `${assistant}: a function's step and its result belong into the workflow.`, {
      hint: 'Declare the function in the file and give it its `provider:` and `result:` under `tools` of the step.',
    });
  }
  return data as Assistant;
}

export const hasStep = (tool: unknown): boolean => isObject(tool) && tool.provider !== undefined;

/** Whether the entry of an assistant's file has what only a workflow may have: steps, and templates. */
const isOfWorkflow = (tool: unknown): boolean => hasStep(tool) || (isObject(tool) && tool.result !== undefined);

/** The keys of an assistant's file, which stand at its top or under `assistant:`. */
export const assistantData = (data: unknown): JsonObject => {
  const top = isObject(data) ? data : {};
  return isObject(top.assistant) ? top.assistant : top;
};
