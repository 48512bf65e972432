import type { Command } from '../terminal/command-line.ts';

/** Option of commands that write a log. */
export const logOption = {
  'log-file': { value: 'file', description: 'append a log, a JSON object a line; LOGGING_LEVEL says how much' },
} satisfies Command['options'];
