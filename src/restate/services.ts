import { hash } from 'node:crypto';

/** What the services are called at the server. */
export const RUNS = 'threadlineRun';
export const MEMORY = 'threadlineMemory';
export const LANES = 'threadlineLane';
export const LEASES = 'threadlineLeases';

/** How long the server remembers a run that has ended, and all that it did. */
export const RETENTION_MS = 30 * 24 * 3_600_000;

/** Keys are made of alerts and may hold anything, at any length: the server has no use for what they say. */
export const objectKey = (key: string): string => hash('sha256', key, 'hex');
