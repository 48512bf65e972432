import { ThreadlineError } from '../../shared/errors/errors.ts';
import { parseArgs } from '../../shared/node/node-util.ts';
import { didYouMean } from '../../shared/text/suggest.ts';

/**
 * Commands as data, over Node's own parseArgs. A library of the usual kind (commander, yargs) takes as long to load as half
 * a start of Node: measured by `npm run bench`, which holds `--version` beside `node -e 0`.
 */
export interface Command {
  /** The command as typed: `run`, or `runs list` in a group. */
  name: string;
  summary: string;
  /** Arguments in the help: `<file>`, `[files...]`. */
  argument?: Argument;
  options: Record<string, Option>;
  /** Resolves to the exit code. */
  run(values: Values, args: string[]): Promise<number>;
}

/** Commands that share their first word. */
export interface CommandGroup {
  name: string;
  summary: string;
  commands: readonly (Command | CommandGroup)[];
}

interface Argument {
  name: string;
  description: string;
  required?: boolean;
  many?: boolean;
}

interface Option {
  description: string;
  short?: string;
  /** Name of the option's value in the help; absent for a switch. */
  value?: string;
  /** The value may be left out, at the end and before another option: it is then an empty text. */
  isValueOptional?: boolean;
  repeatable?: boolean;
  choices?: readonly string[];
  default?: string;
}

/** The given options or their defaults, checked against their Option. */
export class Values {
  private readonly given: Record<string, unknown>;

  constructor(given: Record<string, unknown>) {
    this.given = given;
  }

  text(name: string): string | undefined {
    return this.given[name] as string | undefined;
  }

  texts(name: string): string[] {
    return (this.given[name] as string[] | undefined) ?? [];
  }

  isOn(name: string): boolean {
    return this.given[name] === true;
  }
}

const usage = (message: string, hint?: string) =>
  new ThreadlineError('invalid_usage', message, hint === undefined ? {} : { hint });

/** Parses the command with its options and arguments. Throws `invalid_usage` with the nearest known word. */
export function readCommandLine(command: Command, words: string[]): { values: Values; args: string[]; help: boolean } {
  const options = Object.entries(command.options).map(([name, { value, short, repeatable }]) => [
    name,
    { type: value ? 'string' : 'boolean', multiple: repeatable ?? false, ...(short ? { short } : {}) },
  ]);
  const known = { ...Object.fromEntries(options), help: { type: 'boolean', short: 'h' } };
  const { values, positionals } = parse(command, withEmptyValues(command, words), known);
  if (values.help === true) return { values: new Values(values), args: positionals, help: true };
  for (const [name, option] of Object.entries(command.options)) {
    values[name] ??= option.default;
    const value = values[name];
    if (option.choices && value !== undefined && !option.choices.includes(String(value))) {
      throw usage(
        `\`--${name}\` takes ${option.choices.join(', ')}, not \`${value}\`.`,
        didYouMean(String(value), option.choices),
      );
    }
  }
  checkArguments(command, positionals);
  return { values: new Values(values), args: positionals, help: false };
}

/** parseArgs knows no option whose value may be left out; it takes `--name=`. */
function withEmptyValues({ options }: Command, words: string[]): string[] {
  return words.map((word, index) => {
    const isOptional = word.startsWith('--') && options[word.slice(2)]?.isValueOptional === true;
    return isOptional && (words[index + 1] ?? '-').startsWith('-') ? `${word}=` : word;
  });
}

function parse(command: Command, args: string[], options: object): { values: Record<string, unknown>; positionals: string[] } {
  try {
    return parseArgs({ args, options: options as never, allowPositionals: true, strict: true });
  } catch (thrown) {
    const message = (thrown as Error).message;
    const unknown = message.match(/Unknown option '-+([^'=]+)/)?.[1];
    if (unknown === undefined)
      throw usage(`${message.split(/\.(?: |$)/)[0]}.`, `\`threadline ${command.name} --help\` shows the options.`);
    const candidates = Object.keys(options).map((name) => `--${name}`);
    throw usage(
      `\`${command.name}\` has no option \`${unknown.length === 1 ? '-' : '--'}${unknown}\`.`,
      didYouMean(`--${unknown}`, candidates) ?? `\`threadline ${command.name} --help\` shows the options.`,
    );
  }
}

function checkArguments({ name, argument }: Command, args: string[]): void {
  const most = argument === undefined ? 0 : argument.many ? Number.POSITIVE_INFINITY : 1;
  if (args.length > most)
    throw usage(`\`${name}\` takes ${most === 0 ? 'no argument' : 'one argument'}, and got \`${args.join(' ')}\`.`);
  if (argument?.required && args.length === 0)
    throw usage(`\`${name}\` needs a ${argument.name}.`, `\`threadline ${name} --help\` shows how.`);
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const rows = [...Object.entries(command.options), ['help', { short: 'h', description: 'show this' }] as const].map(
    ([name, option]) => optionRow(name, option),
  );
  const argument = command.argument ? [[argumentText(command.argument), command.argument.description]] : [];
  return [
    `threadline ${command.name}${command.argument ? ` ${argumentText(command.argument)}` : ''} [options]`,
    `  ${command.summary}`,
    ...(argument.length > 0 ? ['', columns(argument)] : []),
    '',
    columns(rows),
    '',
  ].join('\n');
}

/** The help of commands that share a first word; without a name, of everything. */
export function groupHelp({ name, summary, commands }: CommandGroup): string {
  const rows = commands.map((command) => [
    `${lastWord(command)}${'argument' in command && command.argument ? ` ${argumentText(command.argument)}` : ''}`,
    'commands' in command ? `${command.summary}: ${command.commands.map(lastWord).join(', ')}` : command.summary,
  ]);
  const version = name === '' ? [['-V, --version', 'print the version']] : [];
  return [
    `threadline ${name === '' ? '' : `${name} `}COMMAND [options]`,
    `  ${summary}`,
    '',
    columns(rows),
    '',
    columns([...version, ['-h, --help', 'show this; behind a command, its options']]),
    '',
  ].join('\n');
}

/** Finds the command or subgroup of a group. Throws `invalid_usage` with the nearest name. */
export function commandNamed({ name, commands }: CommandGroup, word: string): Command | CommandGroup {
  const found = commands.find((one) => lastWord(one) === word);
  if (found) return found;
  const words = commands.map(lastWord);
  const hint = didYouMean(word, words) ?? `There are: ${words.join(', ')}.`;
  throw usage(`There is no command \`${name === '' ? word : `${name} ${word}`}\`.`, hint);
}

const lastWord = ({ name }: Command | CommandGroup): string => name.slice(name.lastIndexOf(' ') + 1);

function argumentText({ name, required, many }: Argument): string {
  const text = `${name}${many ? '...' : ''}`;
  return required ? `<${text}>` : `[${text}]`;
}

function optionRow(name: string, option: Option): string[] {
  const flag = `${option.short ? `-${option.short}, ` : '    '}--${name}${valueText(option)}`;
  const choices = option.choices ? ` (${option.choices.join(', ')})` : '';
  const repeatable = option.repeatable ? '; repeatable' : '';
  return [flag, `${option.description}${choices}${repeatable}${option.default ? `; default ${option.default}` : ''}`];
}

function valueText({ value, isValueOptional }: Option): string {
  if (value === undefined) return '';
  return isValueOptional ? ` [${value}]` : ` <${value}>`;
}

function columns(rows: string[][]): string {
  const width = Math.max(...rows.map(([first = '']) => first.length));
  return rows.map(([first = '', second = '']) => `  ${first.padEnd(width)}  ${second}`).join('\n');
}
