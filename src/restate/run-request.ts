import { relative, resolve } from 'node:path';
import type { Question, RunEvent, RunReport, RunStatus, Usage } from '../plan/event.ts';
import { type Plan, withCalledPlans } from '../plan/plan.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';
import type { JsonObject } from '../shared/json/json.ts';

/** A run on its way to a worker: all of the workflow's text, so that nobody's edit reaches a run under way. No secrets. */
export interface DistributedRun {
  /** Files are named from the working folder, which workers have of their own. */
  file: string;
  workflow: string;
  /** The texts of the workflow, of those that it calls, and of the file of actions. */
  texts: Record<string, string>;
  actionsFile?: string;
  inputs: JsonObject;
  alert?: JsonObject;
  incident?: JsonObject;
  maxCostUsd?: number;
  timeoutMs?: number;
  /** Marks the places of secrets in what the server keeps. */
  seal: string;
}

/** How it ended; a refusal is a run that could not begin. */
export type RunAnswer = { report: RunReport; events: RunEvent[] } | { refusal: ErrorReport };

export interface RunWait {
  step: string;
  /** By this name the signal is sent; null for a time only. */
  signal: string | null;
  /** Milliseconds since 1970. */
  untilMs: number | null;
  question?: Question;
  /** Of a signal: which of those of that name it is, from 0. */
  slot?: number;
}

export interface RunState {
  status: 'running' | 'waiting' | 'ended';
  /** Of a run that waits, for what: one of these makes it go on. */
  waits: RunWait[];
  startedAtMs: number;
  workflow: string;
  file: string;
  /** Of a run that has ended. */
  end?: RunSummaryEnd;
}

/** What a list says of how a run ended. */
export interface RunSummaryEnd {
  status: RunStatus;
  durationMs: number;
  usage: Usage;
  error: ErrorReport | null;
}

/** What a run was started with. */
export type RunGiven = Pick<DistributedRun, 'inputs' | 'alert' | 'incident'>;

const fromHere = (file: string) => relative(process.cwd(), resolve(file));

export function distributedRun(
  plan: Plan,
  actions: { file: string; text: string } | undefined,
  rest: Pick<DistributedRun, 'inputs' | 'alert' | 'incident' | 'maxCostUsd' | 'timeoutMs'>,
): DistributedRun {
  const plans = [...withCalledPlans(plan)].map(({ file, source }) => [fromHere(file), source] as const);
  return {
    ...rest,
    file: fromHere(plan.file),
    workflow: plan.id,
    texts: Object.fromEntries([...plans, ...(actions ? [[fromHere(actions.file), actions.text] as const] : [])]),
    ...(actions ? { actionsFile: fromHere(actions.file) } : {}),
    seal: crypto.randomUUID(),
  };
}
