/**
 * Paths say where in a run something happens: `hosts[2]/ping`. Each call and each sleep has one of its own, and a group that
 * is tried again gives its steps new ones: `hosts[2].try-2/ping`. No step's name has a dot in it.
 */
export const pathOfTry = (path: string, attempt: number): string => (attempt > 1 ? `${path}.try-${attempt}` : path);

/** What events and reports call the step at the path: the same for each try. */
export const nameOfPath = (path: string): string => path.replaceAll(/\.try-\d+/g, '');
