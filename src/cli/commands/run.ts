import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ERRORS, type ErrorCode, ThreadlineError } from '../../errors.ts';
import type { RunEvent, RunReport } from '../../event.ts';
import { isObject, type Json, type JsonObject } from '../../json.ts';
import type { Plan, TriggerPlan } from '../../plan.ts';
import type { ReportFormat } from '../../report/index.ts';
import type { Command, Values } from '../command-line.ts';

type Runtime = typeof import('../runtime.ts');

const FORMATS = ['pretty', 'json', 'jsonl', 'github'] as const satisfies readonly ReportFormat[];

export const runCommand: Command = {
  name: 'run',
  summary: 'run a workflow',
  argument: { name: 'file', description: 'the workflow', required: true },
  options: {
    alert: { value: 'file', description: 'the alert (JSON or YAML) that starts it; - reads standard input' },
    incident: { value: 'file', description: 'the incident that starts it; - reads standard input' },
    input: { value: 'name=value', short: 'i', repeatable: true, description: 'an input; JSON where it is no text' },
    'input-file': { value: 'file', description: 'inputs from a JSON or YAML file' },
    'env-file': { value: 'file', repeatable: true, description: 'environment variables from a file' },
    format: { value: 'format', choices: FORMATS, default: 'pretty', description: 'what is printed' },
    output: { value: 'file', short: 'o', repeatable: true, description: 'write a report: .json, .xml (JUnit) or .md' },
    offline: { description: 'ask the offline emulator instead of OpenAI: no key, no network, no cost' },
    'run-id': { value: 'id', description: "the run's id in reports and idempotency keys" },
    timeout: { value: 'duration', description: 'the longest that the run may take, such as 10m' },
    quiet: { short: 'q', description: 'print errors only' },
    verbose: { short: 'v', description: 'print more' },
  },
  run: (values, [file = '']) => run(file, flagsOf(values)),
};

interface RunFlags {
  alert: string | undefined;
  incident: string | undefined;
  inputs: JsonObject;
  inputFile: string | undefined;
  envFiles: string[];
  format: ReportFormat;
  outputs: string[];
  offline: boolean;
  runId: string | undefined;
  timeout: string | undefined;
  verbosity: -1 | 0 | 1;
}

const flagsOf = (values: Values): RunFlags => ({
  alert: values.text('alert'),
  incident: values.text('incident'),
  inputs: values.texts('input').reduce(addInput, {}),
  inputFile: values.text('input-file'),
  envFiles: values.texts('env-file'),
  format: values.text('format') as ReportFormat,
  outputs: values.texts('output'),
  offline: values.isOn('offline'),
  runId: values.text('run-id'),
  timeout: values.text('timeout'),
  verbosity: values.isOn('quiet') ? -1 : values.isOn('verbose') ? 1 : 0,
});

function addInput(all: JsonObject, given: string): JsonObject {
  const at = given.indexOf('=');
  if (at < 1) throw new ThreadlineError('invalid_usage', `An input is \`name=value\`, not \`${given}\`.`);
  return { ...all, [given.slice(0, at)]: given.slice(at + 1) };
}

async function run(file: string, flags: RunFlags): Promise<number> {
  const runtime = await import('../runtime.ts');
  for (const path of flags.outputs) prepareReport(path, runtime.checkReportPath);
  const project = runtime.openProject(flags.envFiles);
  const workflow = await runtime.loadWorkflow(file, project.registry);
  runtime.printDiagnostics(
    flags.verbosity > 0 ? workflow.diagnostics : workflow.diagnostics.filter(({ severity }) => severity !== 'note'),
    workflow.sources,
    flags.format === 'github' ? 'github' : 'pretty',
    flags.format === 'github' ? process.stdout : process.stderr,
  );
  if (!workflow.plan) return refuseSeveral(file, workflow.plans);
  const plan = withTimeout(workflow.plan, flags.timeout, runtime.durationMs);
  const payload = readPayload(flags, runtime.readData);
  const events: RunEvent[] = [];
  const reporter = runtime.createReporter(flags.format, streamsOf(flags, project.environment));
  const offline = flags.offline ? runtime.prepareOffline(file, project.settings) : undefined;
  if (offline) noticeRules(offline.rulesFile, flags.verbosity);
  // A mistake in the rules is said before a step has done anything.
  await offline?.url();
  warnIfUnmatched(plan, payload);
  const { signal, release } = cancelOnSignals();
  keepStdout();
  try {
    const report = await runtime.runWorkflow(plan, {
      ...project,
      ...payload,
      providersFile: runtime.readProvidersFile(project.environment),
      signal,
      ...(flags.runId ? { runId: flags.runId } : {}),
      ...(offline ? { emulatorUrl: offline.url } : {}),
      onEvent(event) {
        if (flags.outputs.length > 0) events.push(event);
        reporter.onEvent(event);
      },
    });
    reporter.end?.(report);
    for (const path of flags.outputs) writeFileSync(path, runtime.renderFile(path, report, events));
    return exitCodeOf(report);
  } finally {
    release();
    await offline?.close();
  }
}

/** There is no plan when the file has mistakes, which have been printed, or holds several workflows. */
function refuseSeveral(file: string, plans: readonly Plan[]): number {
  if (plans.length < 2) return 2;
  const names = plans.map(({ id }) => `\`${id}\``).join(', ');
  throw new ThreadlineError('invalid_usage', `${file} holds ${plans.length} workflows, and one can be run: ${names}.`, {
    hint: 'Put each into a file of its own.',
  });
}

/** Before the run has cost anything: a report that could not be written at its end. */
function prepareReport(path: string, check: Runtime['checkReportPath']): void {
  check(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a'));
  } catch (cause) {
    throw new ThreadlineError('invalid_usage', `No report can be written to \`${path}\`: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

function noticeRules(rulesFile: string | undefined, verbosity: number): void {
  if (rulesFile === undefined && verbosity >= 0)
    process.stderr.write('offline: there are no rules for this workflow, so the answers are made up\n');
  if (rulesFile !== undefined && verbosity > 0) process.stderr.write(`offline: the rules are those of ${rulesFile}\n`);
}

function withTimeout(plan: Plan, timeout: string | undefined, durationMs: Runtime['durationMs']): Plan {
  if (timeout === undefined) return plan;
  const timeoutMs = durationMs(/^[\d.]+$/.test(timeout) ? Number(timeout) : timeout);
  if (timeoutMs === undefined)
    throw new ThreadlineError('invalid_usage', `\`--timeout ${timeout}\` is no duration.`, { hint: 'Like 30s, 10m or 1h30m.' });
  return { ...plan, timeoutMs };
}

function readPayload(
  flags: RunFlags,
  readData: Runtime['readData'],
): { alert?: JsonObject; incident?: JsonObject; inputs: JsonObject } {
  const read = (file: string, what: string): JsonObject => {
    const data: Json = readData(file, 'invalid_input');
    if (isObject(data)) return data;
    throw new ThreadlineError('invalid_input', `${file === '-' ? 'Standard input' : file} holds no ${what}: it must be a map.`);
  };
  return {
    ...(flags.alert === undefined ? {} : { alert: read(flags.alert, 'alert') }),
    ...(flags.incident === undefined ? {} : { incident: read(flags.incident, 'incident') }),
    inputs: { ...(flags.inputFile === undefined ? {} : read(flags.inputFile, 'inputs')), ...flags.inputs },
  };
}

/** Whoever runs a file by hand wants it run; that its triggers would not have done so is worth a word. */
function warnIfUnmatched({ triggers }: Plan, { alert, incident }: { alert?: JsonObject; incident?: JsonObject }): void {
  const warn = (reason: string) => process.stderr.write(`warning: ${reason}; it runs because you started it\n`);
  const types = new Set(triggers.map((trigger) => trigger.type));
  const byHand = types.size === 0 || types.has('manual');
  if (incident && !byHand && !types.has('incident')) warn('the workflow has no incident trigger');
  if (alert && !byHand && !types.has('alert')) warn('the workflow has no alert trigger');
  const asked = triggers.filter((trigger) => trigger.type === 'alert');
  if (!alert || asked.length === 0) return;
  if (!asked.some((trigger) => matchesSafely(trigger, alert))) warn('no alert trigger of the workflow matches this alert');
}

function matchesSafely(trigger: TriggerPlan, alert: JsonObject): boolean {
  try {
    return trigger.matches({ alert });
  } catch (error) {
    process.stderr.write(`warning: the trigger's condition failed: ${(error as Error).message}\n`);
    return false;
  }
}

function streamsOf(flags: RunFlags, environment: Record<string, string | undefined>) {
  const { stdout, stderr } = process;
  return {
    stdout,
    stderr,
    color: usesColor(environment),
    verbosity: flags.verbosity,
    live: stderr.isTTY === true && !environment.CI,
    ...(environment.GITHUB_STEP_SUMMARY ? { summaryFile: environment.GITHUB_STEP_SUMMARY } : {}),
  };
}

function usesColor({ NO_COLOR, FORCE_COLOR }: Record<string, string | undefined>): boolean {
  if (NO_COLOR) return false;
  return FORCE_COLOR !== undefined ? FORCE_COLOR !== '0' : process.stderr.isTTY === true;
}

/** The first Ctrl-C cancels the run, down to the server; the second ends the process at once. */
function cancelOnSignals(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const cancel = () => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write('\ncancelling; once more to end at once\n');
    controller.abort(new ThreadlineError('cancelled', 'The run was cancelled.'));
  };
  // What a provider throws where nobody waits for it fails the run, with its handler and its report, not the process.
  const fail = (thrown: unknown) => {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    controller.abort(new ThreadlineError('step_failed', `A provider failed outside its step: ${message}`, { cause: thrown }));
  };
  const listeners = { SIGINT: cancel, SIGTERM: cancel, SIGHUP: cancel, uncaughtException: fail, unhandledRejection: fail };
  for (const [name, listener] of Object.entries(listeners)) process.on(name, listener);
  const release = () => {
    for (const [name, listener] of Object.entries(listeners)) process.off(name, listener);
  };
  return { signal: controller.signal, release };
}

/** What a provider prints goes where progress goes: stdout carries the result only. */
function keepStdout(): void {
  const { Console } = process.getBuiltinModule('node:console');
  globalThis.console = new Console(process.stderr, process.stderr);
}

function exitCodeOf({ run: { status }, error }: RunReport): number {
  if (status === 'succeeded') return 0;
  if (status === 'cancelled') return 130;
  if (status === 'waiting') return 4;
  return ERRORS[error?.code as ErrorCode]?.exitCode === 3 ? 3 : 1;
}
