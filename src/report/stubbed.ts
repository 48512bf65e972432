import type { CallReport, RunReport } from '../plan/event.ts';

/** Names everything that stubs answered; undefined for a run without stubs. */
export function stubbedText({ calls }: RunReport): string | undefined {
  if (!calls) return undefined;
  const stubbed = calls.filter((call) => call.stubbed);
  if (stubbed.length === 0) return 'stubbed: no stub was asked';
  const real = new Set(calls.filter((call) => !call.stubbed).map(({ provider }) => provider));
  // A provider that was also called for real is listed by its stubbed steps.
  const names = stubbed.map((call) => (real.has(call.provider) ? `step ${nameOf(call)}` : call.provider));
  return `stubbed: nothing real was called for ${[...new Set(names)].join(', ')}`;
}

const nameOf = ({ step }: CallReport): string => `\`${step}\``;
