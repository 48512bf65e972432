import { once } from 'node:events';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { logOption } from '../options/log-option.ts';
import type { Command, Values } from '../terminal/command-line.ts';

export const emulatorCommand: Command = {
  name: 'emulator',
  summary: "serve OpenAI's API offline: answers from rules, no key, no cost",
  options: {
    port: { value: 'number', default: '4010', description: 'where to listen; 0 takes a free port' },
    host: { value: 'address', default: '127.0.0.1', description: 'where to listen' },
    rules: { value: 'file', description: 'the rules for the answers (YAML)' },
    ...logOption,
  },
  run: (values) => serve(values),
};

async function serve(values: Values): Promise<number> {
  const [port = '', host = ''] = [values.text('port'), values.text('host')];
  const number = Number(port);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new ThreadlineError('invalid_usage', `\`--port ${port}\` is not a valid port.`);
  const { readEnvironment, startEmulatorWith, wantedLog } = await import('../project/runtime.ts');
  const log = await wantedLog(readEnvironment([]), values.text('log-file'));
  const emulator = await startEmulatorWith(values.text('rules'), { port: number, host, log }).catch((cause: Error) => {
    if (cause instanceof ThreadlineError) throw cause;
    throw new ThreadlineError('invalid_usage', `The emulator cannot listen on ${host}:${port}: ${cause.message}.`, { cause });
  });
  process.stderr.write(
    `offline emulator of OpenAI's API; Ctrl-C ends it. Point a client at it:\n  OPENAI_BASE_URL=${emulator.url} OPENAI_API_KEY=offline\n`,
  );
  process.stdout.write(`${emulator.url}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await emulator.close();
  await log?.close();
  return 0;
}
