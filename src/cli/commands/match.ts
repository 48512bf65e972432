import type { Plan } from '../../plan/plan.ts';
import { UNKNOWN_SEVERITY } from '../../plan/severity.ts';
import { severityNotices } from '../../plan/severity-notices.ts';
import type { TriggerEvent } from '../../plan/trigger-plan.ts';
import type { MatchFormat, WorkflowMatch } from '../../report/matches.ts';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { visibleLine } from '../../shared/text/safe-text.ts';
import { payloadOptions } from '../options/payload-options.ts';
import { usesColor } from '../terminal/color.ts';
import type { Command, Values } from '../terminal/command-line.ts';

type Runtime = typeof import('../project/runtime.ts');

const EVENTS = ['created', 'updated', 'deleted'];

export const matchCommand: Command = {
  name: 'match',
  summary: 'show which workflows an alert or an incident would start, and why; runs nothing',
  argument: { name: 'files', many: true, description: 'files, folders or globs; default: workflows/, else this folder' },
  options: {
    ...payloadOptions,
    previous: {
      value: 'file',
      description: 'the previous alert, for triggers that compare; default: the latest recorded one',
    },
    event: { value: 'event', choices: EVENTS, default: 'created', description: 'the change of the incident' },
    format: { value: 'format', choices: ['pretty', 'json'], default: 'pretty', description: 'the output format' },
  },
  run: (values, paths) => match(paths, values),
};

async function match(paths: string[], values: Values): Promise<number> {
  const runtime = await import('../project/runtime.ts');
  const { registry, environment, settings } = runtime.openProject();
  const unknownSeverity = settings.alerts?.unknown_severity ?? UNKNOWN_SEVERITY;
  const read = { ...(await readEvent(values, runtime)), unknownSeverity };
  for (const notice of severityNotices(read, unknownSeverity)) process.stderr.write(`warning: ${visibleLine(notice)}\n`);
  const event = await withStored(read, runtime.stateFolder(environment), runtime);
  const { files } = runtime.findWorkflows(paths);
  if (files.length === 0) {
    throw new ThreadlineError('file_not_found', 'There is no workflow to match.', { hint: 'Name a file or a folder.' });
  }
  const results: WorkflowMatch[] = [];
  let invalid = 0;
  for (const file of files) {
    const { plans, diagnostics, sources } = await runtime.loadWorkflow(file, registry, runtime.loadOptions(environment));
    if (plans.length > 0) results.push(...plans.map((plan) => matchOf(plan, event)));
    else {
      invalid++;
      runtime.printDiagnostics(diagnostics, sources, 'pretty', process.stderr);
    }
  }
  process.stdout.write(
    runtime.renderMatches(results, values.text('format') as MatchFormat, usesColor(environment, process.stdout)),
  );
  const matched = results.filter(({ matches }) => matches).length;
  if (values.text('format') === 'pretty') process.stderr.write(summary(results.length + invalid, matched, invalid));
  if (invalid > 0) return 2;
  return matched > 0 ? 0 : 1;
}

/** Nothing starts a workflow that is switched off, whatever its triggers say. */
function matchOf({ id, file, triggers, disabled }: Plan, event: TriggerEvent): WorkflowMatch {
  const all = triggers.map((trigger) => ({ type: trigger.type, place: trigger.place, ...trigger.explain(event) }));
  return { id, file, ...(disabled ? { disabled } : {}), matches: !disabled && all.some(({ matches }) => matches), triggers: all };
}

/** Without `--previous`, the latest recorded alert counts as the previous one. */
async function withStored(event: TriggerEvent, folder: string, { storedAlert }: Runtime): Promise<TriggerEvent> {
  if (!event.alert || event.previous) return event;
  const previous = await storedAlert(event.alert, folder);
  return previous ? { ...event, previous } : event;
}

async function readEvent(values: Values, { readAlert, readMap }: Runtime): Promise<TriggerEvent> {
  const [alert, incident, previous] = [values.text('alert'), values.text('incident'), values.text('previous')];
  if ((alert === undefined) === (incident === undefined)) {
    throw new ThreadlineError('invalid_usage', '`match` needs an alert or an incident, and one of them.', {
      hint: 'Give it as `--alert FILE` or `--incident FILE`.',
    });
  }
  if (previous !== undefined && alert === undefined)
    throw new ThreadlineError('invalid_usage', '`--previous` needs `--alert` beside it.');
  if (previous === '-' && alert === '-')
    throw new ThreadlineError('invalid_usage', 'Standard input can be `--alert` or `--previous`, not both.');
  const reading = { format: values.text('alert-format'), index: values.text('alert-index') };
  return {
    ...(alert === undefined ? {} : { alert: await readAlert(alert, reading) }),
    ...(previous === undefined ? {} : { previous: await readAlert(previous, reading) }),
    ...(incident === undefined ? {} : { incident: readMap(incident, 'incident'), incidentEvent: values.text('event') ?? '' }),
  };
}

function summary(files: number, matched: number, invalid: number): string {
  const broken = invalid === 0 ? '' : `, ${invalid} with mistakes`;
  return `${files} workflow${files === 1 ? '' : 's'}: ${matched} would start${broken}\n`;
}
