import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import { placeText } from '../language/diagnostic.ts';
import { type LoadedWorkflow, loadWorkflow } from '../load/load-workflow.ts';
import type { Plan } from '../plan/plan.ts';
import type { ProviderRegistry } from '../provider/load.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { DistributedRun } from './run-request.ts';

const MOST_PLANS = 200;

/** Compiles the workflows that runs bring along, each text once. */
export class PlanCache {
  private readonly loaded = new Map<string, Promise<LoadedWorkflow>>();
  private readonly registry: ProviderRegistry;

  constructor(registry: ProviderRegistry) {
    this.registry = registry;
  }

  /** Rejects with `invalid_workflow` when this worker cannot run the workflow: a provider is not installed, say. */
  async planOf({ file, workflow, texts, actionsFile }: DistributedRun): Promise<Plan> {
    const key = hash('sha256', JSON.stringify([file, actionsFile, texts]), 'hex');
    const loading = this.loaded.get(key) ?? this.load(file, texts, actionsFile);
    // The map's order is the order of use.
    this.loaded.delete(key);
    this.loaded.set(key, loading);
    for (const [oldest] of this.loaded) {
      if (this.loaded.size <= MOST_PLANS) break;
      this.loaded.delete(oldest);
    }
    const { plans, diagnostics } = await loading;
    const plan = plans.find(({ id }) => id === workflow);
    if (plan) return plan;
    const mistakes = diagnostics.filter(({ severity }) => severity === 'error');
    // The mistake may be a missing file: the next run looks again.
    this.loaded.delete(key);
    throw new ThreadlineError(
      'invalid_workflow',
      [`The worker cannot run ${file}.`, ...mistakes.map(({ place, message }) => `${placeText(place)}: ${message}.`)].join(
        '\n  ',
      ),
    );
  }

  private load(file: string, texts: Record<string, string>, actionsFile: string | undefined): Promise<LoadedWorkflow> {
    return loadWorkflow(file, this.registry, {
      texts: new Map(Object.entries(texts).map(([name, text]) => [resolve(name), text])),
      ...(actionsFile === undefined ? {} : { actionsFile }),
    });
  }
}
