import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EmulatorOptions, Exchange } from '../../emulator/index.ts';
import type { Settings } from '../../run/settings.ts';
import { isObject } from '../../shared/json/json.ts';
import type { Logger } from '../../shared/log/logger.ts';
import { readChecked } from './project.ts';

export interface Offline {
  /** File of the emulator's rules, if there is one. */
  rulesFile: string | undefined;
  /** Starts the emulator when it is first asked for. */
  url(): Promise<string>;
  close(): Promise<void>;
}

/** `triage.yml` is answered from `triage.rules.yml` beside it, unless the settings name another file. */
function rulesFor(workflowFile: string, settings: Settings): string | undefined {
  if (settings.offline) return resolve(settings.offline.rules);
  const beside = workflowFile.replace(/\.ya?ml$/i, '.rules.yml');
  return beside !== workflowFile && existsSync(beside) ? beside : undefined;
}

export function prepareOffline(workflowFile: string, settings: Settings): Offline {
  const rulesFile = rulesFor(workflowFile, settings);
  let started: Promise<{ url: string; close(): Promise<void> }> | undefined;
  return {
    rulesFile,
    async url() {
      started ??= startEmulatorWith(rulesFile, {});
      return (await started).url;
    },
    close: async () => (await started)?.close(),
  };
}

interface EmulatorStart extends Pick<EmulatorOptions, 'port' | 'host'> {
  /** Hears of each request. */
  log?: Logger | undefined;
}

/** An emulator with the rules of a file, which is checked first. */
export async function startEmulatorWith(rulesFile: string | undefined, { log, ...options }: EmulatorStart) {
  const { RuleFileSchema, startEmulator } = await import('../../emulator/index.ts');
  const data = rulesFile === undefined ? {} : readChecked(rulesFile, RuleFileSchema);
  const rules = isObject(data) && Array.isArray(data.rules) ? data.rules : [];
  const onExchange = (exchange: Exchange) => log && logExchange(log, exchange);
  return startEmulator({ ...options, rules: rules as never, onExchange });
}

function logExchange(log: Logger, { request, status, headers }: Exchange): void {
  const { method, path } = request;
  log.info(`${method} /v1${path} ${status}`, {
    correlation_id: headers['x-request-id'] ?? null,
    method,
    path: `/v1${path}`,
    status,
    duration_ms: Number(headers['openai-processing-ms']),
  });
}
