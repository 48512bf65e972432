/** The public API: load a workflow, run it, watch it. The command line stands on the same parts. */

export { type ErrorCode, type ErrorReport, ThreadlineError } from './errors.ts';
export type { CallReport, RunEvent, RunReport, RunStatus, StepReport, StepStatus, Usage } from './event.ts';
export type { RunFilter, RunLine, RunStore, StoredRun } from './journal/run-store.ts';
export { openRunStore } from './journal/sqlite.ts';
export type { Json, JsonObject } from './json.ts';
export type { Diagnostic } from './language/diagnostic.ts';
export { type LoadedWorkflow, loadWorkflow } from './load-workflow.ts';
export type { Plan } from './plan.ts';
export { openRegistry, type ProviderRegistry } from './provider/load.ts';
export type { RunOptions } from './run/run-options.ts';
export { newRunId } from './run/run-start.ts';
export { runWorkflow } from './run/run-workflow.ts';
export type { StubAnswer, StubAnswers, Stubs } from './testing/stub-file.ts';
export type { TriggerEvent } from './trigger-plan.ts';
export { type MatchedPlans, matchAll } from './triggers/match-all.ts';
