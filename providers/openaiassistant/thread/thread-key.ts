import type { ProviderContext } from 'threadline/provider';
import type { ThreadKey } from 'threadline/runtime';

/** A key as a step writes it. It belongs to the step's workflow, unless `scope` says that all workflows share it. */
export const threadKeyOf = (
  { key, scope = 'workflow' }: { key: string; scope?: 'workflow' | 'shared' },
  { run }: Pick<ProviderContext, 'run'>,
): ThreadKey => ({ name: key, workflow: scope === 'shared' ? null : run.workflow });
