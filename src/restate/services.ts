/** What the services are called at the server. */
export const RUNS = 'threadlineRun';
export const MEMORY = 'threadlineMemory';
export const LANES = 'threadlineLane';
export const LEASES = 'threadlineLeases';

/** How long the server remembers a run that has ended, and all that it did. */
export const RETENTION_MS = 30 * 24 * 3_600_000;
