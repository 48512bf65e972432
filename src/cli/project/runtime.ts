/** Everything that commands need, loaded at once when a command runs: each further file costs a third of a millisecond. */

export { callsProvider, inspectProvider } from '../../inspect/inspect-provider.ts';
export { exitCodeOf } from '../../language/diagnostic.ts';
export { loadWorkflow } from '../../load/load-workflow.ts';
export { printDiagnostics } from '../../report/diagnostics.ts';
export { exitCodeOfFindings, findingsJson, findingText } from '../../report/findings.ts';
export { checkReportPath, createReporter, renderFile } from '../../report/index.ts';
export { renderMatches, type WorkflowMatch } from '../../report/matches.ts';
export { parameterRows, textTable } from '../../report/parameters.ts';
export { newRunId } from '../../run/run-start.ts';
export { runWorkflow } from '../../run/run-workflow.ts';
export { didYouMean } from '../../shared/text/suggest.ts';
export { durationMs } from '../../shared/time/duration.ts';
export { findWorkflows } from './find-workflows.ts';
export { processLog, wantedLog } from './log.ts';
export { prepareOffline, startEmulatorWith } from './offline.ts';
export { readAlert, readMap, storedAlert } from './payload.ts';
export {
  engineOf,
  loadOptions,
  openHistory,
  openProject,
  providersFile,
  readData,
  readEnvironment,
  readProvidersFile,
  stateFiles,
  stateFolder,
} from './project.ts';
export { keepToRetention } from './retention.ts';
export { openStubs, stubsFileOf, writeStubs } from './stubs.ts';
