import { ThreadlineError } from '../../src/index.ts';
import type { Probe, Ran } from './support.ts';

/** A group, with these lines beside its steps. */
export const group = (name: string, lines: string[], ...steps: string[]): string =>
  [`- name: ${name}`, ...lines.map((line) => `  ${line}`), '  steps:', ...steps.map((step) => step.replace(/^/gm, '    '))].join(
    '\n',
  );

export const failOn =
  (...names: string[]): Probe =>
  (params) => {
    if (names.includes(String(params.step))) throw new ThreadlineError('server_error', `no ${params.step}`);
    return params.output ?? params.step ?? null;
  };

/** Why steps were skipped. */
export const reasons = ({ events }: Ran): Record<string, string> =>
  Object.fromEntries(
    events.flatMap((event) => (event.type === 'step-ended' && event.reason ? [[event.step, event.reason]] : [])),
  );

/** Ends when the step is stopped, and not before. */
export const untilStopped: Probe = (_, { signal }) =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
