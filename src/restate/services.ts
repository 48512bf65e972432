/** The names of the services at the server. */
export const RUNS = 'threadlineRun';
export const MEMORY = 'threadlineMemory';
export const LANES = 'threadlineLane';
export const LEASES = 'threadlineLeases';

/** How long the server keeps a run that has ended, with its journal. */
export const RETENTION_MS = 30 * 24 * 3_600_000;
