import { type Plan, type ProviderPlace, withCalledPlans } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';

/** Whatever calls a provider in a workflow, and in those that it calls. */
export const allProviderPlaces = (plan: Plan): ProviderPlace[] =>
  [...withCalledPlans(plan)].flatMap(({ providerPlaces }) => providerPlaces);

/** Throws `provider_not_found` with every step that nothing could answer, before one of them has done anything. */
export function requireProviders(plan: Plan, isThere: (place: ProviderPlace) => boolean): void {
  const missing = allProviderPlaces(plan).filter((place) => !isThere(place));
  if (missing.length === 0) return;
  const lines = missing.map(({ step, provider, place }) => `\n  ${place}: step \`${step}\` calls \`${provider}\``);
  throw new ThreadlineError('provider_not_found', `The run cannot start: providers are not installed.${lines.join('')}`, {
    hint: '`--stubs-init FILE` writes stubs for these steps, and `--stubs FILE` runs the workflow with them.',
    details: { steps: missing.map(({ step, provider }) => ({ step, provider })) },
  });
}
