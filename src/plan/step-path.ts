/**
 * Step paths, such as `hosts[2]/ping`, identify each call and each sleep of a run. Every further attempt at a group gives its
 * steps new paths: `hosts[2].try-2/ping`. The suffix is unambiguous because step names contain no dots.
 */
export const pathOfTry = (path: string, attempt: number): string => (attempt > 1 ? `${path}.try-${attempt}` : path);

/** Step name in events and reports, which is the same for every attempt. */
export const nameOfPath = (path: string): string => path.replaceAll(/\.try-\d+/g, '');
