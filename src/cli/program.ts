import packageJson from '../../package.json' with { type: 'json' };
import { ERRORS, ThreadlineError } from '../errors.ts';
import { didYouMean } from '../suggest.ts';
import { type Command, commandHelp, programHelp, readCommandLine } from './command-line.ts';
import { doctorCommand } from './commands/doctor.ts';
import { emulatorCommand } from './commands/emulator.ts';
import { initCommand } from './commands/init.ts';
import { matchCommand } from './commands/match.ts';
import { providersCommand } from './commands/providers.ts';
import { runCommand } from './commands/run.ts';
import { schemaCommand } from './commands/schema.ts';
import { validateCommand } from './commands/validate.ts';
import { workerCommand } from './commands/worker.ts';

export const commands: readonly Command[] = [
  runCommand,
  validateCommand,
  matchCommand,
  doctorCommand,
  providersCommand,
  schemaCommand,
  emulatorCommand,
  initCommand,
  workerCommand,
];

/** Runs the command line and resolves to its exit code. Nothing else in Threadline decides how the process ends. */
export async function main(words: string[]): Promise<number> {
  // A reader that has seen enough, such as `head`, ends the output, not the run.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    return await dispatch(words);
  } catch (thrown) {
    return exitCodeOf(thrown);
  }
}

async function dispatch([name, ...words]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const { stdout, stderr } = process;
    (name === undefined ? stderr : stdout).write(programHelp(commands));
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-V') {
    process.stdout.write(`${packageJson.version}\n`);
    return 0;
  }
  const command = commands.find((one) => one.name === name);
  if (!command) {
    const names = commands.map((one) => one.name);
    const hint = didYouMean(name, names) ?? `There are: ${names.join(', ')}.`;
    throw new ThreadlineError('invalid_usage', `There is no command \`${name}\`.`, { hint });
  }
  const { values, args, help } = readCommandLine(command, words);
  if (!help) return command.run(values, args);
  process.stdout.write(commandHelp(command));
  return 0;
}

function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof ThreadlineError) {
    process.stderr.write(`threadline: ${thrown.message}\n${thrown.hint ? `  ${thrown.hint}\n` : ''}`);
    return ERRORS[thrown.code].exitCode;
  }
  process.stderr.write(`threadline: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
  return 1;
}
