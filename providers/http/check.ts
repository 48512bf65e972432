import { type JsonObject, type ParamsProblem, ThreadlineError } from 'threadline/provider';
import { BODY_KEYS } from './request-body.ts';
import { parseAddress } from './target.ts';

/** Checks that the schema cannot express: keys that exclude each other, and invalid literal addresses. */
export const checkParams = (params: JsonObject): ParamsProblem[] => [
  ...excluding(params, BODY_KEYS, 'A request has one body: keep one of `json`, `form` and `body`.'),
  ...excluding(params, ['query', 'params'], 'They mean the same: keep `query`.'),
  ...addressProblems(params),
];

function excluding(params: JsonObject, keys: readonly string[], hint: string): ParamsProblem[] {
  const [first, ...others] = keys.filter((key) => Object.hasOwn(params, key));
  return others.map((key) => ({ path: [key], message: `\`${first}\` and \`${key}\` are both given`, hint }));
}

/** Checks only complete addresses: without templates, and not paths for a `base_url`. */
function addressProblems({ url }: JsonObject): ParamsProblem[] {
  if (typeof url !== 'string' || url.includes('{{') || !url.includes('://')) return [];
  try {
    parseAddress(url, undefined);
    return [];
  } catch (error) {
    if (!(error instanceof ThreadlineError)) throw error;
    return [{ path: ['url'], message: error.message.replace(/\.$/, ''), ...(error.hint ? { hint: error.hint } : {}) }];
  }
}
