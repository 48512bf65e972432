import type { Command } from '../terminal/command-line.ts';

/** Option of commands that write a log. */
export const logOption = {
  'log-file': { value: 'file', description: 'append a log with a JSON object per line; LOGGING_LEVEL sets the level' },
} satisfies Command['options'];
