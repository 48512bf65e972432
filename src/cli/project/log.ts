import { asksForLog, readLogSettings } from '../../log/log-settings.ts';
import type { OpenLog } from '../../log/open-log.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Opens the log that `--log-file` or the environment names; undefined if neither does. Throws `invalid_usage`. */
export const wantedLog = async (environment: Environment, file: string | undefined): Promise<OpenLog | undefined> =>
  asksForLog(environment, file) ? processLog(environment, file) : undefined;

/** The log of a process that always has one. Throws `invalid_usage`. */
export async function processLog(environment: Environment, file: string | undefined): Promise<OpenLog> {
  const settings = readLogSettings(environment, file);
  const { openLog } = await import('../../log/open-log.ts');
  return openLog(settings, { environment, onFailure: (message) => process.stderr.write(`warning: ${message}\n`) });
}
