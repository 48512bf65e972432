import type { Plan } from '../../plan/plan.ts';
import type { Finding, Provider } from '../../provider/contract.ts';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { logOption } from '../options/log-option.ts';
import { usesColor } from '../terminal/color.ts';
import type { Command, Values } from '../terminal/command-line.ts';

type Runtime = typeof import('../project/runtime.ts');

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'check key, endpoint, model, assistant, tools, formats and quota; say what is wrong and what to do',
  argument: { name: 'file', description: 'a workflow, whose steps are checked; default: the configuration alone' },
  options: {
    provider: { value: 'name', description: 'which provider; default: all that can be checked, and that the file calls' },
    model: { value: 'name', description: 'the model to ask, in the place of those that are configured' },
    'no-hello': { description: 'ask no model: nothing is paid' },
    offline: { description: 'check against the offline emulator: no key, no network, no cost' },
    'env-file': { value: 'file', repeatable: true, description: 'environment variables from a file' },
    format: { value: 'format', choices: ['pretty', 'json'], default: 'pretty', description: 'what is printed' },
    ...logOption,
  },
  run: (values, [file]) => doctor(file, values),
};

async function doctor(file: string | undefined, values: Values): Promise<number> {
  const runtime = await import('../project/runtime.ts');
  const project = runtime.openProject(values.texts('env-file'));
  const findings: Finding[] = [];
  const isJson = values.text('format') === 'json';
  const color = usesColor(project.environment, process.stdout);
  const tell = (finding: Finding) => {
    findings.push(finding);
    if (!isJson) process.stdout.write(runtime.findingText(finding, color));
  };
  const plans = file === undefined ? [] : await plansOf(file, project, tell, runtime);
  if (plans) await inspectAll({ file, plans, values, project, tell }, runtime);
  if (isJson) process.stdout.write(runtime.findingsJson(findings));
  return runtime.exitCodeOfFindings(findings);
}

type Project = ReturnType<Runtime['openProject']>;

/** The workflows of the file; undefined if it has mistakes, which are then reported as a finding. */
async function plansOf(
  file: string,
  { registry, environment }: Project,
  tell: (finding: Finding) => void,
  { loadWorkflow, loadOptions, printDiagnostics, exitCodeOf }: Runtime,
): Promise<Plan[] | undefined> {
  const { plans, diagnostics, sources } = await loadWorkflow(file, registry, loadOptions(environment));
  const shown = diagnostics.filter(({ severity }) => severity !== 'note');
  printDiagnostics(shown, sources, 'pretty', process.stderr);
  const errors = shown.filter(({ severity }) => severity === 'error').length;
  const details = shown.length === 0 ? {} : { details: { diagnostics: shown as never } };
  if (errors > 0) {
    const message = `${file} has ${errors} mistake${errors === 1 ? '' : 's'}.`;
    tell({
      check: 'workflow',
      status: 'problem',
      code: exitCodeOf(shown) === 3 ? 'invalid_config' : 'invalid_workflow',
      message,
      hint: 'Nothing else is checked.',
      ...details,
    });
    return undefined;
  }
  tell({ check: 'workflow', status: shown.length > 0 ? 'warning' : 'ok', message: `${file} can be run.`, ...details });
  return plans;
}

interface Examination {
  file: string | undefined;
  plans: Plan[];
  values: Values;
  project: Project;
  tell(finding: Finding): void;
}

async function inspectAll({ file, plans, values, project, tell }: Examination, runtime: Runtime): Promise<void> {
  const providers = await choose(values.text('provider'), file === undefined ? undefined : plans, project, runtime);
  if (providers.length === 0) process.stderr.write('No step calls a provider that can be checked.\n');
  const offline = values.isOn('offline') ? runtime.prepareOffline(file ?? '', project.settings) : undefined;
  if (offline) process.stderr.write('offline: answers come from the emulator, not from a model\n');
  const model = values.text('model');
  const log = await runtime.wantedLog(project.environment, values.text('log-file'));
  const cancelling = new AbortController();
  const cancel = () => cancelling.abort(new ThreadlineError('cancelled', 'The check-up was cancelled.'));
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, cancel);
  try {
    for (const [name, provider] of providers) {
      const findings = runtime.inspectProvider(name, provider, plans, {
        ...project,
        providersFile: runtime.readProvidersFile(project.environment),
        ...(offline ? { emulatorUrl: offline.url } : {}),
        signal: cancelling.signal,
        ...(log ? { log } : {}),
        asks: !values.isOn('no-hello'),
        ...(model === undefined ? {} : { model }),
      });
      for await (const finding of findings) tell(finding);
    }
  } finally {
    for (const name of ['SIGINT', 'SIGTERM']) process.off(name, cancel);
    await offline?.close();
    await log?.close();
  }
}

/** The named provider, or all providers with checks; with workflows, only providers that their steps call. */
async function choose(
  wanted: string | undefined,
  plans: Plan[] | undefined,
  { registry }: Project,
  { callsProvider, didYouMean }: Runtime,
): Promise<[string, Provider][]> {
  const names = wanted === undefined ? registry.names() : [wanted];
  const found: [string, Provider][] = [];
  for (const name of names) {
    if (wanted === undefined && plans && !callsProvider(plans, name)) continue;
    const provider = await registry.load(name);
    if (provider?.inspect) found.push([name, provider]);
    else if (name === wanted) throw uncheckable(name, provider, didYouMean(name, registry.names()));
  }
  return found;
}

const uncheckable = (name: string, provider: Provider | undefined, hint: string | undefined) =>
  provider
    ? new ThreadlineError('invalid_usage', `Provider \`${name}\` has nothing that could be checked.`)
    : new ThreadlineError('provider_not_found', `There is no provider \`${name}\`.`, {
        hint: hint ?? '`threadline providers` lists what is installed.',
      });
