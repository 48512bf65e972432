import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { ERRORS, ThreadlineError } from '../errors.ts';
import { registerEmulator } from './commands/emulator.ts';
import { registerInit } from './commands/init.ts';
import { registerProviders } from './commands/providers.ts';
import { registerRun } from './commands/run.ts';
import { registerSchema } from './commands/schema.ts';
import { registerValidate } from './commands/validate.ts';

/** A command's action resolves to the exit code. */
export type Register = (program: Command, exitWith: (code: number) => void) => void;

const COMMANDS: Register[] = [registerRun, registerValidate, registerProviders, registerSchema, registerEmulator, registerInit];

/** Runs the command line and resolves to its exit code. Nothing else in Threadline decides how the process ends. */
export async function main(argv: string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('threadline')
    .description('Runs alert-triage and CI workflows written in YAML.')
    .version(packageJson.version, '-V, --version')
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  for (const register of COMMANDS) {
    register(program, (code) => {
      exitCode = code;
    });
  }
  for (const command of program.commands) command.exitOverride().showHelpAfterError('(--help shows what there is)');
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (thrown) {
    return exitCodeOf(thrown);
  }
}

function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 || thrown.code === 'commander.help' ? 0 : 2;
  if (thrown instanceof ThreadlineError) {
    process.stderr.write(`threadline: ${thrown.message}\n${thrown.hint ? `  ${thrown.hint}\n` : ''}`);
    return ERRORS[thrown.code].exitCode;
  }
  process.stderr.write(`threadline: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
  return 1;
}
