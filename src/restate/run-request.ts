import { relative, resolve } from 'node:path';
import type { Question, RunEvent, RunReport, RunStatus, Usage } from '../plan/event.ts';
import { type Plan, withCalledPlans } from '../plan/plan.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';
import type { JsonObject } from '../shared/json/json.ts';

/** A run on its way to a worker, with the whole text of the workflow, so that no edit changes a run in progress. No secrets. */
export interface DistributedRun {
  /** The path is relative to the working folder: each worker has its own. */
  file: string;
  workflow: string;
  /** The texts of the workflow, of the workflows that it calls, and of the file of actions. */
  texts: Record<string, string>;
  actionsFile?: string;
  inputs: JsonObject;
  alert?: JsonObject;
  incident?: JsonObject;
  maxCostUsd?: number;
  timeoutMs?: number;
  /** Marks the places of secrets in what the server stores. */
  seal: string;
}

/** The end of a run; a refusal says why it could not begin. */
export type RunAnswer = { report: RunReport; events: RunEvent[] } | { refusal: ErrorReport };

export interface RunWait {
  step: string;
  /** The name of the signal; null for a time only. */
  signal: string | null;
  /** Milliseconds since 1970. */
  untilMs: number | null;
  question?: Question;
  /** Which signal of that name the wait takes, from 0. */
  slot?: number;
}

export interface RunState {
  status: 'running' | 'waiting' | 'ended';
  /** The waits of a waiting run, each of which makes it resume. */
  waits: RunWait[];
  startedAtMs: number;
  workflow: string;
  file: string;
  /** Present once the run has ended. */
  end?: RunSummaryEnd;
}

/** The end of a run, as far as lists show it. */
export interface RunSummaryEnd {
  status: RunStatus;
  durationMs: number;
  usage: Usage;
  error: ErrorReport | null;
}

/** The data that a run was started with. */
export type RunGiven = Pick<DistributedRun, 'inputs' | 'alert' | 'incident'>;

const relativeToFolder = (file: string) => relative(process.cwd(), resolve(file));

export function distributedRun(
  plan: Plan,
  actions: { file: string; text: string } | undefined,
  rest: Pick<DistributedRun, 'inputs' | 'alert' | 'incident' | 'maxCostUsd' | 'timeoutMs'>,
): DistributedRun {
  const plans = [...withCalledPlans(plan)].map(({ file, source }) => [relativeToFolder(file), source] as const);
  return {
    ...rest,
    file: relativeToFolder(plan.file),
    workflow: plan.id,
    texts: Object.fromEntries([...plans, ...(actions ? [[relativeToFolder(actions.file), actions.text] as const] : [])]),
    ...(actions ? { actionsFile: relativeToFolder(actions.file) } : {}),
    seal: crypto.randomUUID(),
  };
}
