import { type Diagnostic, isShown, uniqueDiagnostics } from '../../language/diagnostic.ts';
import type { Plan } from '../../plan/plan.ts';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import type { Command } from '../terminal/command-line.ts';

type Format = 'pretty' | 'json' | 'github';

export const validateCommand: Command = {
  name: 'validate',
  summary: 'report all mistakes in workflows; needs no key and no network, runs nothing',
  argument: { name: 'files', many: true, description: 'files, folders or globs; default: workflows/, else this folder' },
  options: {
    format: { value: 'format', choices: ['pretty', 'json', 'github'], default: 'pretty', description: 'the output format' },
    stubs: { value: 'file', description: 'stubs of the run; stubbed providers need not be installed' },
    verbose: { short: 'v', description: 'print all notes, such as what Keep passes over' },
  },
  run: (values, paths) =>
    validate(paths, values.text('format') as Format, { showsNotes: values.isOn('verbose'), stubsFile: values.text('stubs') }),
};

interface ValidateFlags {
  showsNotes: boolean;
  stubsFile: string | undefined;
}

async function validate(paths: string[], format: Format, { showsNotes, stubsFile }: ValidateFlags): Promise<number> {
  const runtime = await import('../project/runtime.ts');
  const { openProject, loadWorkflow, printDiagnostics, findWorkflows } = runtime;
  const { registry, environment } = openProject();
  const { files, skipped } = findWorkflows(paths);
  if (files.length === 0) {
    throw new ThreadlineError('file_not_found', 'There is no workflow to validate.', {
      hint: 'Name a file, or run `threadline init` for a first one.',
    });
  }
  const stubs = stubsFile === undefined ? undefined : runtime.openStubs(stubsFile);
  const configurations = { file: runtime.providersFile(environment), environment };
  const options = { ...runtime.loadOptions(environment), configurations, ...(stubs ? { isStubbed: stubs.isStubbed } : {}) };
  const found: Diagnostic[] = [];
  const plans: Plan[] = [];
  const sources = new Map<string, string>();
  for (const file of files) {
    const workflow = await loadWorkflow(file, registry, options);
    found.push(...workflow.diagnostics);
    plans.push(...workflow.plans);
    for (const [name, text] of workflow.sources) sources.set(name, text);
  }
  const all = uniqueDiagnostics(found);
  const shown = showsNotes || format === 'json' ? all : all.filter(isShown);
  printDiagnostics(shown, sources, format, process.stdout);
  if (format === 'pretty') process.stderr.write(summary(files.length, all, shown, skipped));
  const exitCode = runtime.exitCodeOf(all);
  if (exitCode !== 0) return exitCode;
  stubs?.requireNames(plans, registry);
  return 0;
}

function summary(files: number, diagnostics: readonly Diagnostic[], shown: readonly Diagnostic[], skipped: string[]): string {
  const [errors, warnings, notes] = (['error', 'warning', 'note'] as const).map(
    (severity) => diagnostics.filter((one) => one.severity === severity).length,
  ) as [number, number, number];
  const count = (amount: number, noun: string) => `${amount} ${noun}${amount === 1 ? '' : 's'}`;
  const found = errors + warnings === 0 ? 'no problems' : `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  const noted =
    notes === 0 ? '' : `, ${count(notes, 'note')}${shown.length === diagnostics.length ? '' : ' (-v shows them all)'}`;
  const passedOver = skipped.length === 0 ? '' : ` (passed over, no workflow in them: ${skipped.join(', ')})`;
  return `${count(files, 'workflow')}: ${found}${noted}${passedOver}\n`;
}
