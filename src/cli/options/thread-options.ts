import type { Command } from '../terminal/command-line.ts';

/** Which registry the commands on threads look at. */
export const offlineOption = {
  offline: { description: 'threads of runs with --offline' },
} satisfies Command['options'];

/** Tells threads apart that workflows have begun under the same key. */
export const threadOwnerOption = {
  workflow: { value: 'id', description: 'the workflow that began the thread, where several have one with that key' },
} satisfies Command['options'];
