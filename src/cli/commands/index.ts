import packageJson from '../../../package.json' with { type: 'json' };
import { type CommandGroup, commandHelp, commandNamed, groupHelp, readCommandLine } from '../terminal/command-line.ts';
import { printFatalError } from '../terminal/print-fatal-error.ts';
import { watchStdout } from '../terminal/watch-stdout.ts';
import { doctorCommand } from './doctor.ts';
import { emulatorCommand } from './emulator.ts';
import { initCommand } from './init.ts';
import { matchCommand } from './match.ts';
import { providersCommand } from './providers.ts';
import { runCommand } from './run.ts';
import { runsGroup } from './runs.ts';
import { schemaCommand } from './schema.ts';
import { threadsGroup } from './threads.ts';
import { validateCommand } from './validate.ts';
import { workerCommand } from './worker.ts';

export const program: CommandGroup = {
  name: '',
  summary: 'Runs alert-triage and CI workflows written in YAML.',
  commands: [
    runCommand,
    runsGroup,
    threadsGroup,
    validateCommand,
    matchCommand,
    doctorCommand,
    providersCommand,
    schemaCommand,
    emulatorCommand,
    initCommand,
    workerCommand,
  ],
};

/** Runs the command line and resolves to its exit code. Nothing else in Threadline decides how the process ends. */
export async function main(words: string[]): Promise<number> {
  const lostOutput = watchStdout();
  const exitCode = await dispatch(words).catch(printFatalError);
  const lost = await lostOutput();
  return lost ? exitCode || printFatalError(lost) : exitCode;
}

async function dispatch(words: string[]): Promise<number> {
  if (words[0] === '--version' || words[0] === '-V') {
    process.stdout.write(`${packageJson.version}\n`);
    return 0;
  }
  return dispatchIn(program, words);
}

async function dispatchIn(group: CommandGroup, [word, ...words]: string[]): Promise<number> {
  if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
    const { stdout, stderr } = process;
    (word === undefined ? stderr : stdout).write(groupHelp(group));
    return word === undefined ? 2 : 0;
  }
  const command = commandNamed(group, word);
  if ('commands' in command) return dispatchIn(command, words);
  const { values, args, help } = readCommandLine(command, words);
  if (!help) return command.run(values, args);
  process.stdout.write(commandHelp(command));
  return 0;
}
