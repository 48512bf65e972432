import { Closed, defineProvider, isObject, type Json, type ProviderContext, ThreadlineError } from 'threadline/provider';
import { callOf, checkParams, MANAGEMENT_HINT } from './check.ts';
import { query } from './query.ts';
import { applyRule } from './rule.ts';
import { type Params, params } from './schema.ts';

/** Keep's own provider, on the alert store that the runs of this machine share. */
export default defineProvider({
  description: 'Asks the store of alerts, and makes, updates and resolves alerts in it.',
  isLocal: (given) => callOf(given) !== 'management',
  config: Closed({}),
  params,
  check: checkParams,
  async run(given, context) {
    switch (callOf(given)) {
      case 'query':
        return query(given, context);
      case 'rule':
        return applyRule(given, context);
      case 'management':
        throw new ThreadlineError('unsupported', 'There is no Keep server whose workflows this step could manage.', {
          hint: MANAGEMENT_HINT,
        });
      case 'nothing':
        return current(given, context);
    }
  },
});

/** A step that only enriches returns the current alert of `foreach` as it was before. */
async function current({ item }: Params, { runtime }: ProviderContext<object>): Promise<Json> {
  if (!isObject(item) || typeof item.fingerprint !== 'string') return null;
  return (await runtime.alerts()).get(item.fingerprint, Date.now()) ?? null;
}
