import type { CallReport, RunReport } from '../plan/event.ts';

/** For what nothing real was called; undefined for a run without stubs. */
export function stubbedText({ calls }: RunReport): string | undefined {
  if (!calls) return undefined;
  const stubbed = calls.filter((call) => call.stubbed);
  if (stubbed.length === 0) return 'stubbed: no stub was asked';
  const real = new Set(calls.filter((call) => !call.stubbed).map(({ provider }) => provider));
  // Of a provider that some steps called in earnest, the steps that did not.
  const names = stubbed.map((call) => (real.has(call.provider) ? `step ${nameOf(call)}` : call.provider));
  return `stubbed: nothing real was called for ${[...new Set(names)].join(', ')}`;
}

const nameOf = ({ step }: CallReport): string => `\`${step}\``;
