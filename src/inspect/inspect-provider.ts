import { type Plan, type ProviderPlace, withCalledPlans } from '../plan/plan.ts';
import { callOnce } from '../provider/call.ts';
import { contextOf } from '../provider/context.ts';
import type { Finding, InspectionSubject, Provider } from '../provider/contract.ts';
import { resolveCredentials } from '../provider/credentials.ts';
import { hostOutsideRun } from '../run/host-outside-run.ts';
import type { RunOptions } from '../run/run-options.ts';
import { RunThreads } from '../run/run-threads.ts';
import { readSecrets } from '../run/secrets.ts';
import { configurationsOf, staticScope } from '../run/static-scope.ts';
import { type ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type JsonObject } from '../shared/json/json.ts';
import { Mask } from '../shared/text/mask.ts';
import { renderStatic } from './render-static.ts';

export interface InspectOptions
  extends Pick<RunOptions, 'registry' | 'environment' | 'settings' | 'providersFile' | 'emulatorUrl' | 'log'> {
  signal: AbortSignal;
  /** Checks that cost money are allowed. */
  asks: boolean;
  /** Replaces the models of the steps. */
  model?: string;
}

/**
 * Checks the configurations with which the steps of these workflows, and of workflows that they call, use a provider; without
 * such steps, the configuration from the environment. Yields findings at once, with secrets masked. Throws only on abort.
 */
export async function* inspectProvider(
  name: string,
  provider: Provider,
  plans: readonly Plan[],
  options: InspectOptions,
): AsyncGenerator<Finding> {
  if (!provider.inspect) return;
  const mask = new Mask();
  const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
  try {
    const { subjects, findings } = await gather(name, provider, plans, { options, mask, threads });
    yield* findings.map((finding) => mask.apply(finding));
    if (subjects.length === 0) return;
    const { asks, signal } = options;
    for await (const finding of provider.inspect(subjects, { asks, signal })) yield mask.apply(finding);
  } finally {
    await threads.close();
  }
}

interface InspectContext {
  options: InspectOptions;
  mask: Mask;
  threads: RunThreads;
}

interface Gathered {
  subjects: InspectionSubject[];
  findings: Finding[];
}

async function gather(name: string, provider: Provider, plans: readonly Plan[], around: InspectContext): Promise<Gathered> {
  const { emulatorUrl, environment } = around.options;
  const offline = emulatorUrl && provider.offline ? (provider.offline(await emulatorUrl()) as JsonObject) : undefined;
  const all = [...new Set(plans.flatMap((plan) => [...withCalledPlans(plan)]))];
  const gathered: Gathered = { subjects: [], findings: all.flatMap((plan) => missingSecrets(plan, environment)) };
  const places = all.flatMap((plan) =>
    plan.providerPlaces.filter((place) => place.provider === name).map((place) => ({ plan, place })),
  );
  for (const { plan, place } of places.length > 0 ? places : [{ plan: undefined, place: undefined }]) {
    try {
      gathered.subjects.push(subjectOf({ name, provider, plan, place, offline }, around));
    } catch (thrown) {
      const { code, message, hint } = toThreadlineError(thrown);
      // The missing secret has been reported.
      if (code === 'missing_value' && gathered.findings.length > 0) continue;
      const steps = place ? { steps: [place.step] } : {};
      gathered.findings.push({
        check: 'config',
        status: 'problem',
        code: configCode(code),
        message,
        ...(hint ? { hint } : {}),
        ...steps,
      });
    }
  }
  return gathered;
}

const configCode = (code: ThreadlineError['code']) => (code === 'missing_value' ? 'invalid_config' : code);

function missingSecrets(plan: Plan, environment: InspectOptions['environment']): Finding[] {
  try {
    readSecrets(plan, environment, () => undefined);
    return [];
  } catch (thrown) {
    const { code, message, hint } = toThreadlineError(thrown);
    return [{ check: 'secrets', status: 'problem', code, message, ...(hint ? { hint } : {}) }];
  }
}

interface Part {
  name: string;
  provider: Provider;
  plan: Plan | undefined;
  place: ProviderPlace | undefined;
  offline: JsonObject | undefined;
}

function subjectOf({ name, provider, plan, place, offline }: Part, around: InspectContext): InspectionSubject {
  const { options, mask } = around;
  const { environment, providersFile = {}, model } = options;
  const scope = plan ? staticScope(plan, environment) : {};
  if (isObject(scope.secrets)) for (const secret of Object.values(scope.secrets)) mask.add(secret);
  const workflow = plan ? configurationsOf(plan, { ...scope, env: environment }) : {};
  const credentials = { file: providersFile, workflow, environment };
  const config = resolveCredentials(name, provider, place?.config?.(scope) ?? null, credentials, offline);
  mask.addConfig(config);
  const rendered = renderStatic(place?.params ?? {}, scope) as JsonObject;
  const params = model === undefined ? rendered : { ...rendered, model };
  const step = place?.step;
  const call = { step: step ?? '', path: step ?? '', item: undefined, provider: name, config, params, signal: options.signal };
  return { step, params, context: contextOf(call, config, hostOutsideRun('doctor', { ...around, credentials, plan }), callOnce) };
}

/** Tells whether a step of the workflows, or of workflows that they call, uses the provider. */
export const callsProvider = (plans: readonly Plan[], name: string): boolean =>
  plans.some((plan) => [...withCalledPlans(plan)].some((one) => one.providerPlaces.some(({ provider }) => provider === name)));
