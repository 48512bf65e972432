import type { RunStore } from '../../journal/run-store.ts';

import type { RunEvent, RunReport } from '../../plan/event.ts';
import type { Plan } from '../../plan/plan.ts';
import { type AlertSeverity, UNKNOWN_SEVERITY } from '../../plan/severity.ts';
import { severityNotices } from '../../plan/severity-notices.ts';
import type { TriggerEvent, TriggerPlan } from '../../plan/trigger-plan.ts';
import type { ProviderRegistry } from '../../provider/load.ts';
import { errorKind, ThreadlineError } from '../../shared/errors/errors.ts';
import type { JsonObject } from '../../shared/json/json.ts';
import type { Logger } from '../../shared/log/logger.ts';
import { visibleLine } from '../../shared/text/safe-text.ts';
import { flagsOf, type RunFlags, runOptions } from '../options/run-flags.ts';
import { prepareReport, writeReport } from '../project/report-file.ts';
import { usesColor } from '../terminal/color.ts';
import type { Command } from '../terminal/command-line.ts';
import { handleSignals, redirectConsole } from '../terminal/handle-signals.ts';

type Runtime = typeof import('../project/runtime.ts');

export const runCommand: Command = {
  name: 'run',
  summary: 'run a workflow',
  argument: { name: 'file', description: 'the workflow', required: true },
  options: runOptions,
  run: (values, [file = '']) => runFile(file, flagsOf(values)),
};

interface Setup {
  runtime: Runtime;
  project: ReturnType<Runtime['openProject']>;
  engine: ReturnType<typeof engineFor>;
  stubs: ReturnType<Runtime['openStubs']> | undefined;
}

/** Runs a workflow file or resumes a run of it; resolves to the exit code. */
export async function runFile(file: string, flags: RunFlags): Promise<number> {
  const runtime = await import('../project/runtime.ts');
  for (const path of flags.outputs) prepareReport(path, runtime.checkReportPath);
  const project = runtime.openProject(flags.envFiles);
  const engine = engineFor(flags, runtime.engineOf(project.settings));
  const stubs = flags.stubs === undefined ? undefined : runtime.openStubs(flags.stubs);
  const setup = { runtime, project, engine, stubs };
  const { plans, diagnostics } = await loadPrinting(file, flags, setup);
  if (plans.length === 0) return runtime.exitCodeOf(diagnostics);
  const plan = choose(plans, flags.workflow);
  if (flags.stubsInit !== undefined) return initStubs(flags.stubsInit, plan, project.registry, runtime);
  stubs?.requireNames(plans, project.registry);
  return runChosen(file, plan, flags, setup);
}

/** Loads the file and prints its diagnostics. */
async function loadPrinting(file: string, flags: RunFlags, { runtime, project, stubs }: Setup) {
  const isStubbed = flags.stubsInit === undefined ? stubs?.isStubbed : () => true;
  const options = { ...runtime.loadOptions(project.environment), ...(isStubbed ? { isStubbed } : {}) };
  const loaded = await runtime.loadWorkflow(file, project.registry, options);
  runtime.printDiagnostics(
    flags.verbosity > 0 ? loaded.diagnostics : loaded.diagnostics.filter(({ severity }) => severity !== 'note'),
    loaded.sources,
    flags.format === 'github' ? 'github' : 'pretty',
    flags.format === 'github' ? process.stdout : process.stderr,
  );
  return loaded;
}

async function runChosen(file: string, chosen: Plan, flags: RunFlags, setup: Setup): Promise<number> {
  const { runtime, project, engine, stubs } = setup;
  const timeoutMs = deadlineOf(flags.timeout, runtime.durationMs);
  const maxCostUsd = amountOf(flags.maxCostUsd);
  const log = await runtime.wantedLog(project.environment, flags.logFile);
  const plan = timeoutMs === undefined ? chosen : { ...chosen, timeoutMs: undefined };
  const payload = await readPayload(flags, runtime);
  const events: RunEvent[] = [];
  const reporter = runtime.createReporter(flags.format, streamsOf(flags, project.environment));
  const offline = flags.offline ? await openOffline(file, flags, setup) : undefined;
  warnOfPayload(plan, payload, project.settings.alerts?.unknown_severity ?? UNKNOWN_SEVERITY);
  // Runs with stubs do not belong to the history.
  const isKept = stubs === undefined && !flags.dryRun && engine.type === 'local';
  const { signal, drain, release } = handleSignals(timeoutMs, isKept);
  redirectConsole();
  const runs = isKept ? await runtime.openHistory(project) : undefined;
  if (runs && flags.runId !== undefined) noticeKnownRun(runs, flags.runId, flags);
  const onEvent = (event: RunEvent) => {
    if (flags.outputs.length > 0) events.push(event);
    reporter.onEvent(event);
  };
  const start = { ...payload, signal, onEvent, ...(log ? { log } : {}), ...(maxCostUsd === undefined ? {} : { maxCostUsd }) };
  try {
    const run =
      engine.type === 'restate'
        ? runOnServer(plan, flags, setup, start)
        : runHere(plan, flags, setup, { ...start, drain, runs, offline });
    const report = await run;
    reporter.end?.(report);
    for (const path of flags.outputs) writeReport(path, runtime.renderFile(path, report, events));
    if (runs) runtime.keepToRetention(runs, project.settings, Date.now(), log);
    return exitCodeOf(report);
  } finally {
    release();
    runs?.close();
    await offline?.close();
    await log?.close();
  }
}

type Offline = ReturnType<Runtime['prepareOffline']>;

async function openOffline(file: string, { verbosity }: RunFlags, { runtime, project }: Setup): Promise<Offline> {
  const offline = runtime.prepareOffline(file, project.settings);
  noticeRules(offline.rulesFile, verbosity);
  // Report mistakes in the rules before the first step has effects.
  await offline.url();
  return offline;
}

/** Inputs of a run for any engine. */
interface Start {
  alert?: JsonObject;
  incident?: JsonObject;
  inputs: JsonObject;
  signal: AbortSignal;
  onEvent: (event: RunEvent) => void;
  maxCostUsd?: number;
  log?: Logger;
}

interface LocalStart extends Start {
  drain: AbortSignal;
  runs: RunStore | undefined;
  offline: Offline | undefined;
}

function runHere(plan: Plan, flags: RunFlags, setup: Setup, { runs, offline, ...start }: LocalStart): Promise<RunReport> {
  const { runtime, project, stubs } = setup;
  return runtime.runWorkflow(plan, {
    ...project,
    ...start,
    providersFile: runtime.readProvidersFile(project.environment),
    ...(runs ? { runs, ...runtime.stateFiles(project.environment, offline !== undefined) } : {}),
    allowChanged: flags.allowChanged,
    ...(flags.runId === undefined ? {} : { runId: flags.runId }),
    ...(stubs ? { stubs: stubs.stubs } : {}),
    dryRun: flags.dryRun,
    ...(offline ? { emulatorUrl: offline.url } : {}),
  });
}

async function runOnServer(plan: Plan, flags: RunFlags, setup: Setup, start: Start): Promise<RunReport> {
  const { runOnRestate } = await import('../project/run-on-restate.ts');
  const { runtime, project, engine } = setup;
  const { actionsFile } = runtime.loadOptions(project.environment);
  return runOnRestate(plan, { ...start, runId: flags.runId ?? runtime.newRunId(), ingress: engine.ingress, actionsFile });
}

/** Runs with stubs are always executed here, even if another engine executes real runs. */
function engineFor({ engine, offline, stubs, dryRun }: RunFlags, configured: ReturnType<Runtime['engineOf']>) {
  const isMadeUp = offline || stubs !== undefined || dryRun;
  if (isMadeUp && engine === 'restate')
    throw new ThreadlineError('invalid_usage', '`--engine restate` runs for real: not `--offline`, `--stubs` or `--dry-run`.');
  return { ...configured, type: isMadeUp ? 'local' : ((engine ?? configured.type) as typeof configured.type) };
}

function initStubs(given: string, plan: Plan, registry: ProviderRegistry, { writeStubs, stubsFileOf }: Runtime): number {
  const file = given === '' ? stubsFileOf(plan.file) : given;
  writeStubs(file, plan, registry);
  process.stderr.write(`wrote ${file}: threadline run ${plan.file} --stubs ${file}\n`);
  return 0;
}

/** Tells that the run, or its beginning, is an old one, because it is shown as that of a new run is. */
function noticeKnownRun(runs: RunStore, id: string, { format, verbosity }: RunFlags): void {
  const known = runs.get(id);
  if (known === undefined || (known.status === 'running' && !known.isInterrupted)) return;
  if (known.endedAtMs === null) {
    const isShown = verbosity >= 0 && !format.startsWith('json');
    if (isShown) process.stderr.write(`run ${id} goes on: what it has done before is shown again, and not done again\n`);
    return;
  }
  const when = new Date(known.endedAtMs).toISOString();
  process.stderr.write(
    `run ${id} ended at ${when}: nothing is run, this is its report; \`threadline runs rerun ${id}\` runs it again\n`,
  );
}

function noticeRules(rulesFile: string | undefined, verbosity: number): void {
  if (rulesFile === undefined && verbosity >= 0)
    process.stderr.write('offline: there are no rules for this workflow, so the answers are made up\n');
  if (rulesFile !== undefined && verbosity > 0) process.stderr.write(`offline: the rules are those of ${rulesFile}\n`);
}

/** The timeout of the flag replaces the workflow's, and includes waiting for other runs. */
function deadlineOf(timeout: string | undefined, durationMs: Runtime['durationMs']): number | undefined {
  if (timeout === undefined) return undefined;
  const timeoutMs = durationMs(/^[\d.]+$/.test(timeout) ? Number(timeout) : timeout);
  if (timeoutMs !== undefined) return timeoutMs;
  throw new ThreadlineError('invalid_usage', `\`--timeout ${timeout}\` is not a valid duration.`, {
    hint: 'Like 30s, 10m or 1h30m.',
  });
}

function amountOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const amount = Number(given);
  if (given.trim() !== '' && amount >= 0) return amount;
  throw new ThreadlineError('invalid_usage', `\`--max-cost-usd ${given}\` is not a valid number.`, {
    hint: 'Like 0.50: US dollars.',
  });
}

async function readPayload(
  flags: RunFlags,
  { readAlert, readMap }: Runtime,
): Promise<{ alert?: JsonObject; incident?: JsonObject; inputs: JsonObject }> {
  if (flags.alert === undefined && flags.alertFormat !== undefined)
    throw new ThreadlineError('invalid_usage', '`--alert-format` needs `--alert` beside it.');
  return {
    ...(flags.alert === undefined
      ? {}
      : { alert: await readAlert(flags.alert, { format: flags.alertFormat, index: flags.alertIndex }) }),
    ...(flags.incident === undefined ? {} : { incident: readMap(flags.incident, 'incident') }),
    inputs: { ...(flags.inputFile === undefined ? {} : readMap(flags.inputFile, 'inputs')), ...flags.inputs },
  };
}

/** The named workflow of a file, or the only one. */
function choose(plans: readonly Plan[], id: string | undefined): Plan {
  const [first, second] = plans;
  const ids = plans.map((plan) => plan.id).join(', ');
  const chosen = id === undefined ? (second ? undefined : first) : plans.find((plan) => plan.id === id);
  if (chosen) return chosen;
  const message = id === undefined ? 'The file holds several workflows.' : `The file has no workflow \`${id}\`.`;
  throw new ThreadlineError('invalid_usage', message, { hint: `Choose with \`--workflow ID\`: ${ids}.` });
}

const warn = (text: string) => process.stderr.write(`warning: ${visibleLine(text)}\n`);

interface Payload {
  alert?: JsonObject;
  incident?: JsonObject;
}

/** Warns of a severity that is not known, and if no trigger matches the event; the run starts anyway, because the user asked for it. */
function warnOfPayload({ triggers, disabled }: Plan, { alert, incident }: Payload, unknownSeverity: AlertSeverity): void {
  for (const notice of severityNotices({ alert, incident }, unknownSeverity)) warn(notice);
  const warnOfStart = (reason: string) => warn(`${reason}; it runs because you started it`);
  if (disabled) warnOfStart('the workflow is switched off by `disabled`');
  const types = new Set(triggers.map((trigger) => trigger.type));
  const byHand = types.size === 0 || types.has('manual');
  if (incident && !byHand && !types.has('incident')) warnOfStart('the workflow has no incident trigger');
  if (alert && !byHand && !types.has('alert')) warnOfStart('the workflow has no alert trigger');
  const asked = triggers.filter((trigger) => trigger.type === 'alert');
  if (!alert || asked.length === 0) return;
  const event = { alert, unknownSeverity };
  if (!asked.some((trigger) => matchesSafely(trigger, event))) warnOfStart('no alert trigger of the workflow matches this alert');
}

function matchesSafely(trigger: TriggerPlan, event: TriggerEvent): boolean {
  try {
    return trigger.matches(event);
  } catch (error) {
    warn(`the trigger's condition failed: ${(error as Error).message}`);
    return false;
  }
}

export function streamsOf(flags: RunFlags, environment: Record<string, string | undefined>) {
  const { stdout, stderr } = process;
  return {
    stdout,
    stderr,
    color: usesColor(environment, stderr),
    verbosity: flags.verbosity,
    live: stderr.isTTY === true && !environment.CI,
    ...(environment.GITHUB_STEP_SUMMARY ? { summaryFile: environment.GITHUB_STEP_SUMMARY } : {}),
  };
}

export function exitCodeOf({ run: { status }, error }: RunReport): number {
  if (status === 'succeeded') return 0;
  if (status === 'cancelled') return error?.code === 'run_busy' ? 1 : 130;
  if (status === 'interrupted') return 130;
  if (status === 'waiting') return 4;
  return error && errorKind(error.code).exitCode === 3 ? 3 : 1;
}
