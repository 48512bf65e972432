import { defineProvider, isObject, type Json, type JsonObject, ThreadlineError } from 'threadline/provider';
import { checkParams } from './check.ts';
import { HttpConfig, HttpParams, HttpResults } from './schema.ts';

/** Headers and cookies are no business of a model's. Of an answer that `fail_on_error: false` let through, the status is. */
function bodyOf(results: Json): Json {
  if (!isObject(results) || results.body === undefined) return results;
  const { ok, status_code, body } = results;
  return ok === false ? { status_code: status_code ?? null, body } : body;
}

/** Any HTTP API. Private and local addresses are refused unless the project's configuration names them. */
export default defineProvider({
  description: 'Sends an HTTP request and returns the answer.',
  config: HttpConfig,
  params: HttpParams,
  check: checkParams,
  results: () => HttpResults,
  functionResult: bodyOf,
  async run(params, context) {
    const [problem] = checkParams(params as JsonObject);
    if (problem) throw new ThreadlineError('invalid_params', `${problem.message}.`, problem.hint ? { hint: problem.hint } : {});
    const { runRequest } = await import('./request.ts');
    return runRequest(params, context);
  },
});
