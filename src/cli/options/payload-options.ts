import type { Command } from '../terminal/command-line.ts';

/** The options of whatever takes an alert or an incident. */
export const payloadOptions = {
  alert: { value: 'file', description: 'the alert (JSON or YAML); - reads standard input' },
  'alert-format': {
    value: 'format',
    description: "the sender's format, such as alertmanager, or auto to detect it; default: the alert is used unchanged",
  },
  'alert-index': { value: 'number', description: 'index of the alert in a notification with several, from 0' },
  incident: { value: 'file', description: 'the incident; - reads standard input' },
} as const satisfies Command['options'];
