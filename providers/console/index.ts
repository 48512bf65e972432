import { Closed, defineProvider, OneOf, Type } from 'threadline/provider';

/** Prints a message through the run's reporter: on the terminal, never on stdout, which carries the result only. */
export default defineProvider({
  description: 'Prints a message to the terminal.',
  config: Closed({}),
  params: Closed({
    message: Type.Unknown({ description: 'What to print. A list or a map is printed as JSON.' }),
    severity: Type.Optional(OneOf(['debug', 'info', 'warning', 'error'], { description: 'How loud it is.', default: 'info' })),
  }),
  async run({ message, severity = 'info' }, { emit }) {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    emit({ type: 'log', level: severity, message: text });
    return text;
  },
});
