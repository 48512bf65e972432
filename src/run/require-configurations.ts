import { type Plan, type ProviderPlace, type Scope, withCalledPlans } from '../plan/plan.ts';
import type { Provider } from '../provider/contract.ts';
import { resolveCredentials } from '../provider/credentials.ts';
import { ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type JsonObject } from '../shared/json/json.ts';
import type { RunOptions } from './run-options.ts';
import { readSecrets } from './secrets.ts';
import { configurationsOf, staticScope } from './static-scope.ts';

/** In the place of an emulator's address: nobody is asked. */
const NO_EMULATOR = 'http://127.0.0.1';

export interface ConfigurationCheck {
  options: Pick<RunOptions, 'registry' | 'environment' | 'providersFile' | 'inputs' | 'emulatorUrl'>;
  /** Tells whether the run asks the provider itself, and no stub. */
  isAsked(place: ProviderPlace): boolean;
  /** Stands for a secret that is not set. */
  standInFor(secret: string): string | undefined;
}

interface Problem {
  place: ProviderPlace;
  error: ThreadlineError;
}

/**
 * Resolves and checks the configuration of every call in the workflow, and in those that it calls, before the first step has
 * done anything. Throws with all that are missing or wrong.
 */
export async function requireConfigurations(plan: Plan, check: ConfigurationCheck): Promise<void> {
  const problems: Problem[] = [];
  for (const one of withCalledPlans(plan)) {
    const scope = scopeOf(one, one === plan, check);
    for (const place of one.providerPlaces.filter((each) => !each.configIsLate && check.isAsked(each))) {
      const provider = await check.options.registry.load(place.provider);
      const error = provider && problemOf({ plan: one, place, provider, scope }, check);
      if (error) problems.push({ place, error });
    }
  }
  const [first] = problems;
  if (first) throw refusal(first, problems);
}

function scopeOf(plan: Plan, isStarted: boolean, { options, standInFor }: ConfigurationCheck): Scope {
  const secrets = readSecrets(plan, options.environment, standInFor);
  return { ...staticScope(plan, options.environment, isStarted ? options.inputs : {}), secrets };
}

interface Use {
  plan: Plan;
  place: ProviderPlace;
  provider: Provider;
  scope: Scope;
}

function problemOf({ plan, place, provider, scope }: Use, { options }: ConfigurationCheck): ThreadlineError | undefined {
  const { environment, providersFile = {}, emulatorUrl } = options;
  const offline = emulatorUrl && provider.offline ? (provider.offline(NO_EMULATOR) as JsonObject) : undefined;
  const sources = { file: providersFile, workflow: configurationsOf(plan, { ...scope, env: environment }), environment };
  try {
    const config = resolveCredentials(place.provider, provider, place.config?.(scope) ?? null, sources, offline);
    provider.checkConfig?.(config, place.params);
    return undefined;
  } catch (thrown) {
    const error = toThreadlineError(thrown, 'internal');
    // Inputs that a caller gives are known when it calls: the step checks what reads them.
    return error.code === 'missing_value' && lacksInputs(plan, scope) ? undefined : error;
  }
}

const lacksInputs = ({ inputs }: Plan, scope: Scope): boolean =>
  inputs.some(({ name }) => !isObject(scope.inputs) || scope.inputs[name] === undefined);

function refusal({ error: { code, hint, cause } }: Problem, problems: readonly Problem[]): ThreadlineError {
  const isOne = problems.length === 1;
  const lines = problems.map(({ place: { place, step }, error }) => {
    const advice = isOne || error.hint === undefined ? '' : ` ${error.hint}`;
    return `\n  ${place}: step \`${step}\`: ${error.message}${advice}`;
  });
  const message = `The run cannot start: provider configurations are missing or wrong.${lines.join('')}`;
  return new ThreadlineError(code === 'missing_value' ? 'invalid_config' : code, message, {
    ...(isOne && hint !== undefined ? { hint } : {}),
    details: { steps: problems.map(({ place: { step, provider } }) => ({ step, provider })) },
    cause,
  });
}
