import { defineProvider, type JsonObject, ThreadlineError } from 'threadline/provider';
import { checkParams } from './check.ts';
import { HttpConfig, HttpParams, HttpResults } from './schema.ts';

/** Any HTTP API. Private and local addresses are refused unless the project's configuration names them. */
export default defineProvider({
  description: 'Sends an HTTP request and returns the answer.',
  config: HttpConfig,
  params: HttpParams,
  check: checkParams,
  results: () => HttpResults,
  async run(params, context) {
    const [problem] = checkParams(params as JsonObject);
    if (problem) throw new ThreadlineError('invalid_params', `${problem.message}.`, problem.hint ? { hint: problem.hint } : {});
    const { runRequest } = await import('./request.ts');
    return runRequest(params, context);
  },
});
