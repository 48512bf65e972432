import { StoredJournal } from '../journal/stored-journal.ts';
import { parseDataFile } from '../language/parse-data-file.ts';
import { type Plan, signatureOf } from '../plan/plan.ts';
import type { CallHost } from '../provider/call-host.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { silentLogger } from '../shared/log/logger.ts';
import type { Mask } from '../shared/text/mask.ts';
import { maskedLogger } from './run-log.ts';
import type { RunOptions } from './run-options.ts';
import type { RunThreads } from './run-threads.ts';

export interface OutsideParts {
  options: Pick<RunOptions, 'registry' | 'settings' | 'emulatorUrl' | 'workingFolder' | 'log'>;
  credentials: CallHost['credentials'];
  mask: Mask;
  threads: RunThreads;
  /** The workflow that contains the call, if there is one. */
  plan?: Plan | undefined;
  emit?: CallHost['emit'];
}

/** Host for a provider call outside a run; it cannot run steps or workflows. */
export function hostOutsideRun(name: string, { options, credentials, mask, threads, plan, emit }: OutsideParts): CallHost {
  const nothingRuns = (): Promise<never> => Promise.reject(refusal('Outside of a run no steps and no workflows are run.'));
  return {
    registry: options.registry,
    credentials,
    log: maskedLogger(options.log ?? silentLogger, mask).child({ correlation_id: name }),
    run: { id: name, workflow: plan?.id ?? name, offline: options.emulatorUrl !== undefined },
    workflowFile: plan?.file ?? 'workflow.yml',
    workingFolder: options.workingFolder ?? process.cwd(),
    http: { allowHosts: options.settings?.http?.allow_hosts ?? [] },
    emulatorUrl: options.emulatorUrl,
    prices: {},
    budget: { maxCostUsd: undefined, spentUsd: () => 0 },
    alerts: nothingRuns,
    threads: threads.accessOf(name),
    journal: new StoredJournal(),
    emit: emit ?? (() => undefined),
    standIn: nothingRuns,
    hide: (config) => mask.addConfig(config),
    parseData: parseDataFile,
    runWorkflow: nothingRuns,
    workflow(file) {
      const called = plan?.workflows.get(file);
      if (!called) throw refusal(`The workflow ${file} is not there.`);
      return signatureOf(called);
    },
  };
}

const refusal = (message: string) => new ThreadlineError('internal', message);
