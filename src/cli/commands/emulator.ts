import { once } from 'node:events';
import { ThreadlineError } from '../../errors.ts';
import type { Register } from '../program.ts';

interface EmulatorFlags {
  port: string;
  host: string;
  rules?: string;
}

export const registerEmulator: Register = (program, exitWith) => {
  program
    .command('emulator')
    .description("serve OpenAI's API offline: answers from rules, no key, no cost")
    .option('--port <number>', 'where to listen; 0 takes a free port', '4010')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--rules <file>', 'the rules that answers are made from (YAML)')
    .action(async (flags: EmulatorFlags) => exitWith(await serve(flags)));
};

async function serve({ port, host, rules }: EmulatorFlags): Promise<number> {
  const number = Number(port);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new ThreadlineError('invalid_usage', `\`--port ${port}\` is no port.`);
  const { startEmulatorWith } = await import('../offline.ts');
  const emulator = await startEmulatorWith(rules, { port: number, host }).catch((cause: Error) => {
    if (cause instanceof ThreadlineError) throw cause;
    throw new ThreadlineError('invalid_usage', `The emulator cannot listen on ${host}:${port}: ${cause.message}.`, { cause });
  });
  process.stderr.write(
    `offline emulator of OpenAI's API; Ctrl-C ends it. Point a client at it:\n  OPENAI_BASE_URL=${emulator.url} OPENAI_API_KEY=offline\n`,
  );
  process.stdout.write(`${emulator.url}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await emulator.close();
  return 0;
}
