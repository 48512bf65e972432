import type { Command } from '../terminal/command-line.ts';

/** Of commands that log. */
export const logOption = {
  'log-file': { value: 'file', description: 'append a log, a JSON object a line; LOGGING_LEVEL says how much' },
} satisfies Command['options'];
