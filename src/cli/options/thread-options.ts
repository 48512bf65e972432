import type { Command } from '../terminal/command-line.ts';

/** Which registry the commands on threads look at. */
export const offlineOption = {
  offline: { description: 'threads of runs with --offline' },
} satisfies Command['options'];
