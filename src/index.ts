/** The public API: load a workflow, run it, watch it. The command line stands on the same parts. */

export type { Durability } from './database/sqlite.ts';
export type { RunFilter, RunLine, RunRecord, RunStore, StoredRun } from './journal/run-store.ts';
export { openRunStore } from './journal/sqlite.ts';
export type { Diagnostic, DiagnosticCode, Place } from './language/diagnostic.ts';
export { type LoadedWorkflow, type LoadOptions, loadWorkflow } from './load/load-workflow.ts';
export type {
  CallFacts,
  CallReport,
  EnrichmentReport,
  EventOrigin,
  ItemReport,
  Question,
  RunEvent,
  RunReport,
  RunStatus,
  StepReport,
  StepStatus,
  Usage,
  WaitReport,
} from './plan/event.ts';
export type { Plan } from './plan/plan.ts';
export type { AlertSeverity } from './plan/severity.ts';
export type { TriggerEvent, TriggerPlan } from './plan/trigger-plan.ts';
export { openRegistry, type ProviderRegistry } from './provider/load.ts';
export type { RunOptions } from './run/run-options.ts';
export { newRunId } from './run/run-start.ts';
export { runWorkflow } from './run/run-workflow.ts';
export type { Settings } from './run/settings.ts';
export { type ErrorCode, type ErrorReport, ThreadlineError, type ThreadlineErrorOptions } from './shared/errors/errors.ts';
export type { Json, JsonNumber, JsonObject } from './shared/json/json.ts';
export type { Logger, LogLevel } from './shared/log/logger.ts';
export type { StubAnswer, StubAnswers, Stubs } from './stubs/stub-file.ts';
export { type MatchedPlan, type MatchedPlans, matchAll } from './triggers/match-all.ts';
