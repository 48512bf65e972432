import { type Finding, type InspectionSubject, isObject, type JsonObject, ThreadlineError } from 'threadline/provider';
import { type OutputRule, outputRule } from '../answer/output-rule.ts';
import { isTemplate } from '../check/check-problem.ts';
import { type ResolvedAssistant, resolveAssistant } from '../contract/resolve-assistant.ts';
import type { Config, Params } from '../contract/schema.ts';
import type { Tool } from '../question/ask.ts';
import { type ModelRoute, routesOf } from '../routes/model-routes.ts';
import { Toolbox } from '../tools/toolbox.ts';
import { orFailure, problem, skipped } from './finding.ts';

export type Subject = InspectionSubject<Config>;

/** How a step would ask, as far as that is known before it runs. */
export interface Prepared {
  subject: Subject;
  context: Subject['context'];
  params: Params;
  /** Empty where the configuration is wrong. */
  routes: ModelRoute[];
  assistant: ResolvedAssistant;
  /** Whether the model is known only when the step runs. */
  isModelLate: boolean;
  /** Undefined where the format is wrong or not known yet. */
  rule: OutputRule | undefined;
  tools: Tool[];
  findings: Finding[];
}

/** Reads the assistant's files, and opens and closes its MCP servers. Mistakes become findings. */
export async function prepare(subject: Subject, signal: AbortSignal): Promise<Prepared> {
  const { context, step } = subject;
  const findings: Finding[] = [];
  const steps = step === undefined ? {} : { steps: [step] };
  const params = knownParams(subject.params, (name) => findings.push(notYet(name, steps)));
  const note = (check: string, error: ThreadlineError) => findings.push(problem(check, error, steps));

  const read = await orFailure(resolveAssistant(params, context), signal);
  if (read instanceof ThreadlineError) note('assistant', read);
  const assistant = read instanceof ThreadlineError ? {} : withoutTemplates(read);
  const isFormatLate = isLate(assistant.response_format);
  if (isFormatLate) findings.push(notYet('response_format', steps));
  const rule = await orFailure(outputRule(isFormatLate ? 'text' : assistant.response_format, context), signal);
  if (rule instanceof ThreadlineError) note('format', rule);
  const tools = await orFailure(offeredTools(assistant, params, subject, signal), signal);
  if (tools instanceof ThreadlineError) note('tools', tools);
  return {
    subject,
    context,
    params,
    routes: routesFor(params, subject, (error) => note('config', error)),
    assistant,
    isModelLate: isTemplate(subject.params.model) || (!(read instanceof ThreadlineError) && isTemplate(read.model)),
    rule: rule instanceof ThreadlineError ? undefined : rule,
    tools: tools instanceof ThreadlineError ? [] : tools,
    findings,
  };
}

const notYet = (name: string, steps: { steps?: string[] }): Finding => {
  const hint = name === 'model' ? { hint: '`--model NAME` checks with one.' } : {};
  const check = CHECKS[name] ?? 'assistant';
  return skipped(check, `\`${name}\` is known only when the step runs.`, { ...hint, ...steps });
};

const CHECKS: Record<string, string> = { model: 'model', tools: 'tools', response_format: 'format' };
/** Parameters that may be known late: they do not matter here. */
const SAID_LATE = new Set(['prompt', 'additional_instructions', 'instructions', 'thread_id']);

/** The parameters without those that only a run can tell. */
function knownParams(params: JsonObject, onUnknown: (name: string) => void): Params {
  const entries = Object.entries(params).filter(([name, value]) => {
    if (!isTemplate(value) || SAID_LATE.has(name)) return true;
    onUnknown(name);
    return false;
  });
  return Object.fromEntries(entries) as Params;
}

/** The assistant without the keys that only a run can tell. */
const withoutTemplates = (assistant: ResolvedAssistant): ResolvedAssistant =>
  Object.fromEntries(
    Object.entries(assistant).filter(([name, value]) => SAID_LATE.has(name) || !isTemplate(value)),
  ) as ResolvedAssistant;

function routesFor(params: Params, { context }: Subject, onError: (error: ThreadlineError) => void): ModelRoute[] {
  try {
    return routesOf(params, context.config);
  } catch (thrown) {
    onError(thrown as ThreadlineError);
    return [];
  }
}

async function offeredTools(
  assistant: ResolvedAssistant,
  params: Params,
  { context }: Subject,
  signal: AbortSignal,
): Promise<Tool[]> {
  const known = (assistant.tools ?? []).filter((tool) => !isLateServer(tool));
  const files = { fileIds: [], vectorStoreIds: [] };
  const toolbox = await Toolbox.open({ ...assistant, tools: known }, params, files, context, signal);
  await toolbox.close();
  return toolbox.offered;
}

/** Whether a part of the value is known only when the step runs. */
const isLate = (value: unknown): boolean => value !== undefined && JSON.stringify(value).includes('{{');

/** Whether a tool is an MCP server whose address or program is not known yet. */
export const isLateServer = (tool: unknown): boolean => isObject(tool) && isLate(tool.mcp);
