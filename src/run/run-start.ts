import { resolveInputs } from '../engine/inputs.ts';
import type { RunRequest } from '../engine/ports.ts';
import type { Journal } from '../journal/journal.ts';
import type { AlertFacts } from '../plan/evaluation-context.ts';
import type { Plan, Scope } from '../plan/plan.ts';
import { scopeWith } from '../plan/scope.ts';
import { UNKNOWN_SEVERITY } from '../plan/severity.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { type JsonObject, toJson } from '../shared/json/json.ts';
import type { Mask } from '../shared/text/mask.ts';
import type { StubbedRun } from '../stubs/stubbed-run.ts';
import type { RunAlerts } from './run-alerts.ts';
import type { EngineRunOptions } from './run-options.ts';
import { readSecrets, variable } from './secrets.ts';

/** Resolves inputs, environment and secrets. Throws `invalid_input` or `missing_credentials`. */
export function startOf(plan: Plan, options: EngineRunOptions, mask: Mask, stubbed: StubbedRun | undefined): RunRequest {
  const { alert, incident, environment, settings } = options;
  for (const [root, payload, given] of [
    ['alert', 'alert', alert],
    ['event', 'alert', alert],
    ['incident', 'incident', incident],
  ] as const) {
    if (plan.reads.has(root) && !given) {
      throw new ThreadlineError('invalid_input', `The workflow reads \`${root}\`, and none was given.`, {
        hint: `Give it as \`--${payload} FILE\`.`,
      });
    }
  }
  const secrets = readSecrets(plan, environment, (secret) => stubbed?.standInFor(secret));
  for (const [name, secret] of Object.entries(secrets)) mask.add(secret, `secrets.${name}`);
  const env: JsonObject = Object.create(null);
  for (const name of plan.env) {
    const value = variable(environment, name);
    if (value !== undefined) env[name] = value;
  }
  return {
    id: options.runId ?? newRunId(),
    inputs: resolveInputs(plan.inputs, options.inputs ?? {}),
    evaluation: { now: Date.now, unknownSeverity: settings?.alerts?.unknown_severity ?? UNKNOWN_SEVERITY },
    ...(alert ? { alert: toJson(alert) as JsonObject } : {}),
    ...(incident ? { incident: toJson(incident) as JsonObject } : {}),
    env,
    secrets,
    offline: options.emulatorUrl !== undefined,
  };
}

/** Scope before any step has run. */
export function scopeOfStart(plan: Plan, { alert, incident, inputs, env, secrets, id }: RunRequest): Scope {
  const payload = { ...(alert ? { alert, event: alert } : {}), ...(incident ? { incident } : {}) };
  return scopeWith({ inputs, env, secrets, run: { id, workflow: plan.id }, ...payload }, plan.consts);
}

/** Records the alert and adds its history and the last run's results. A resumed run gets those of its first start. */
export async function withHistory(start: RunRequest, alerts: RunAlerts, journal: Journal): Promise<RunRequest> {
  const facts = await alerts.facts();
  const now = () => journal.now();
  if (!alerts.isAsked) return { ...start, evaluation: { ...start.evaluation, now, ...(facts ? { alerts: facts } : {}) } };
  const fingerprint = start.alert?.fingerprint;
  const { firing, ...known } = (await journal.run('.history', async () => {
    const [alert, lastRun] = [await alerts.receive(start.alert), await alerts.lastRun()];
    const first = typeof fingerprint === 'string' && facts ? { firing: firingIn(facts, fingerprint) } : {};
    return { ...(alert ? { alert } : {}), ...(lastRun ? { lastRun } : {}), ...first };
  })) as Pick<RunRequest, 'alert' | 'lastRun'> & { firing?: Firing };
  const settled: AlertFacts | undefined = facts && {
    firingSince: (asked) => (firing && asked === fingerprint ? (firing.since ?? undefined) : facts.firingSince(asked)),
    previousFiring: (asked) => (firing && asked === fingerprint ? (firing.previous ?? undefined) : facts.previousFiring(asked)),
  };
  return { ...start, ...known, evaluation: { ...start.evaluation, now, ...(settled ? { alerts: settled } : {}) } };
}

/** Firing times of the alert when the run began, journaled so that conditions give the same results on replay. */
interface Firing {
  since: number | null;
  previous: number | null;
}

const firingIn = (facts: AlertFacts, fingerprint: string) => ({
  since: facts.firingSince(fingerprint) ?? null,
  previous: facts.previousFiring(fingerprint) ?? null,
});

/** Ids sort by time and are unique among machines. */
export const newRunId = () => `run_${Date.now().toString(36)}${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;

/** Restricts the characters, because ids are parts of paths, keys and commands; `/` separates a run from its calls. Throws `invalid_usage`. */
export function requireRunId(id: string): void {
  if (/^[\w.:@=+-]{1,200}$/.test(id)) return;
  throw new ThreadlineError('invalid_usage', `\`${id}\` cannot be the id of a run.`, {
    hint: 'It is made of letters, digits and `_ . : @ = + -`, 200 at most.',
  });
}
