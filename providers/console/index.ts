import { Closed, defineProvider, OneOf, Type } from 'threadline/provider';

/** Prints a message through the run's reporter, and never on stdout, which carries only the result. */
export default defineProvider({
  description: 'Prints a message to the terminal.',
  isLocal: () => true,
  // Keep's examples give them credentials, which they have no use for.
  config: Type.Object({}, { additionalProperties: true }),
  params: Closed({
    message: Type.Unknown({ description: 'What to print. A list or a map is printed as JSON.' }),
    severity: Type.Optional(
      OneOf(['debug', 'low', 'info', 'warning', 'high', 'error', 'critical'], {
        description: 'How loud it is.',
        default: 'info',
      }),
    ),
    logger: Type.Optional(Type.Boolean({ description: "Keep's choice between print and log: here both are the run's log." })),
  }),
  async run({ message, severity = 'info' }, { emit }) {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    emit({ type: 'log', level: LEVELS[severity], message: text });
    return text;
  },
});

/** Severities of alerts, as a log has them. */
const LEVELS = {
  debug: 'debug',
  low: 'info',
  info: 'info',
  warning: 'warning',
  high: 'error',
  error: 'error',
  critical: 'error',
} as const;
