import type { Command } from '../terminal/command-line.ts';

/** The options of whatever takes an alert or an incident. */
export const payloadOptions = {
  alert: { value: 'file', description: 'the alert (JSON or YAML); - reads standard input' },
  'alert-format': {
    value: 'format',
    description: 'what sent the alert, such as alertmanager, or auto to find out; without it the alert is taken as it is',
  },
  'alert-index': { value: 'number', description: 'which alert of a notification that holds several, from 0' },
  incident: { value: 'file', description: 'the incident; - reads standard input' },
} as const satisfies Command['options'];
