import { writeFileSync } from 'node:fs';
import { Option } from 'commander';
import { ERRORS, type ErrorCode, ThreadlineError } from '../../errors.ts';
import type { RunEvent, RunReport } from '../../event.ts';
import { isObject, type Json, type JsonObject } from '../../json.ts';
import type { Plan } from '../../plan.ts';
import type { ReportFormat } from '../../report/index.ts';
import type { Register } from '../program.ts';

interface RunFlags {
  alert?: string;
  incident?: string;
  input: JsonObject;
  inputFile?: string;
  envFile: string[];
  format: ReportFormat;
  output: string[];
  offline?: boolean;
  runId?: string;
  timeout?: string;
  quiet?: boolean;
  verbose?: boolean;
}

const collect = (value: string, all: string[]) => [...all, value];

export const registerRun: Register = (program, exitWith) => {
  program
    .command('run')
    .description('run a workflow')
    .argument('<file>', 'the workflow')
    .option('--alert <file>', 'the alert (JSON or YAML) that starts it; - reads standard input')
    .option('--incident <file>', 'the incident that starts it; - reads standard input')
    .option('-i, --input <name=value>', 'an input; repeatable; JSON values', addInput, {})
    .option('--input-file <file>', 'inputs from a JSON or YAML file')
    .option('--env-file <file>', 'environment variables from a file; repeatable', collect, [])
    .addOption(
      new Option('--format <format>', 'what is printed').choices(['pretty', 'json', 'jsonl', 'github']).default('pretty'),
    )
    .option('-o, --output <file>', 'write a report: .json, .xml (JUnit) or .md; repeatable', collect, [])
    .option('--offline', 'ask the offline emulator instead of OpenAI: no key, no network, no cost')
    .option('--run-id <id>', "the run's id in reports and idempotency keys")
    .option('--timeout <duration>', 'the longest that the run may take, such as 10m')
    .option('-q, --quiet', 'print errors only')
    .option('-v, --verbose', 'print more')
    .action(async (file: string, flags: RunFlags) => exitWith(await run(file, flags)));
};

function addInput(given: string, all: JsonObject): JsonObject {
  const at = given.indexOf('=');
  if (at < 1) throw new ThreadlineError('invalid_usage', `An input is \`name=value\`, not \`${given}\`.`);
  return { ...all, [given.slice(0, at)]: given.slice(at + 1) };
}

async function run(file: string, flags: RunFlags): Promise<number> {
  const [{ openProject, readProvidersFile }, { loadWorkflow }, { printDiagnostics }, reports, { runWorkflow }] =
    await Promise.all([
      import('../project.ts'),
      import('../../load-workflow.ts'),
      import('../../report/diagnostics.ts'),
      import('../../report/index.ts'),
      import('../../run-workflow.ts'),
    ]);
  for (const path of flags.output) reports.checkReportPath(path);
  const project = openProject(flags.envFile);
  const workflow = await loadWorkflow(file, project.registry);
  printDiagnostics(
    workflow.diagnostics,
    workflow.sources,
    flags.format === 'github' ? 'github' : 'pretty',
    flags.format === 'github' ? process.stdout : process.stderr,
  );
  if (!workflow.plan) return 2;
  const plan = await withTimeout(workflow.plan, flags.timeout);
  const payload = await readPayload(flags);
  const events: RunEvent[] = [];
  const reporter = reports.createReporter(flags.format, streamsOf(flags, project.environment));
  const offline = flags.offline ? (await import('../offline.ts')).prepareOffline(file, project.settings) : undefined;
  if (offline && !flags.quiet) process.stderr.write(rulesNotice(offline.rulesFile));
  warnIfUnmatched(plan, payload.alert);
  const { signal, release } = cancelOnSignals();
  try {
    const report = await runWorkflow(plan, {
      ...project,
      ...payload,
      providersFile: readProvidersFile(project.environment),
      signal,
      ...(flags.runId ? { runId: flags.runId } : {}),
      ...(offline ? { emulatorUrl: offline.url } : {}),
      onEvent(event) {
        if (flags.output.length > 0) events.push(event);
        reporter.onEvent(event);
      },
    });
    reporter.end?.(report);
    for (const path of flags.output) writeFileSync(path, reports.renderFile(path, report, events));
    return exitCodeOf(report);
  } finally {
    release();
    await offline?.close();
  }
}

const rulesNotice = (rulesFile: string | undefined) =>
  rulesFile === undefined ? 'the emulator has no rules for this workflow: its answers are made up\n' : `the emulator answers by the rules in ${rulesFile}\n`;

async function withTimeout(plan: Plan, timeout: string | undefined): Promise<Plan> {
  if (timeout === undefined) return plan;
  const { durationMs } = await import('../../duration.ts');
  const timeoutMs = durationMs(/^[\d.]+$/.test(timeout) ? Number(timeout) : timeout);
  if (timeoutMs === undefined)
    throw new ThreadlineError('invalid_usage', `\`--timeout ${timeout}\` is no duration.`, { hint: 'Like 30s, 10m or 1h30m.' });
  return { ...plan, timeoutMs };
}

async function readPayload(flags: RunFlags): Promise<{ alert?: JsonObject; incident?: JsonObject; inputs: JsonObject }> {
  const { readData } = await import('../project.ts');
  const read = (file: string, what: string): JsonObject => {
    const data: Json = readData(file, 'invalid_input');
    if (isObject(data)) return data;
    throw new ThreadlineError('invalid_input', `${file === '-' ? 'Standard input' : file} holds no ${what}: it must be a map.`);
  };
  return {
    ...(flags.alert === undefined ? {} : { alert: read(flags.alert, 'alert') }),
    ...(flags.incident === undefined ? {} : { incident: read(flags.incident, 'incident') }),
    inputs: { ...(flags.inputFile === undefined ? {} : read(flags.inputFile, 'inputs')), ...flags.input },
  };
}

/** Whoever runs a file by hand wants it run; that its trigger would not have done so is worth a word. */
function warnIfUnmatched(plan: Plan, alert: JsonObject | undefined): void {
  const filters = plan.triggers.flatMap((trigger) => (trigger.type === 'alert' ? [trigger.matches] : []));
  if (!alert || filters.length === 0) return;
  const matched = filters.some((matches) => matches === undefined || matchesSafely(matches, alert));
  if (!matched)
    process.stderr.write('warning: no alert trigger of the workflow matches this alert; it runs because you started it\n');
}

function matchesSafely(matches: (alert: JsonObject) => Json, alert: JsonObject): boolean {
  try {
    return matches(alert) === true;
  } catch (error) {
    process.stderr.write(`warning: the trigger's cel failed: ${(error as Error).message}\n`);
    return false;
  }
}

function streamsOf(flags: RunFlags, environment: Record<string, string | undefined>) {
  const { stdout, stderr } = process;
  return {
    stdout,
    stderr,
    color: usesColor(environment),
    verbosity: flags.quiet ? (-1 as const) : flags.verbose ? (1 as const) : (0 as const),
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
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  return { signal: controller.signal, release: () => process.off('SIGINT', cancel).off('SIGTERM', cancel) };
}

function exitCodeOf({ run: { status }, error }: RunReport): number {
  if (status === 'succeeded') return 0;
  if (status === 'cancelled') return 130;
  if (status === 'waiting') return 4;
  return ERRORS[error?.code as ErrorCode]?.exitCode === 3 ? 3 : 1;
}
