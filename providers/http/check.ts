import { isObject, type JsonObject, type ParamsProblem, ThreadlineError } from 'threadline/provider';
import { BODY_KEYS } from './request-body.ts';
import { parseAddress } from './target.ts';

/** Checks that the schema cannot express: keys that exclude each other, and invalid literal addresses. */
export const checkParams = (params: JsonObject): ParamsProblem[] => [
  ...excluding(params, BODY_KEYS, 'A request has one body: keep one of `json`, `form` and `body`.'),
  ...excluding(params, ['query', 'params'], 'They mean the same: keep `query`.'),
  ...addressProblems(params),
  ...formProblems(params),
  ...jsonProblems(params),
  ...quoteProblems(params),
  ...queryProblems(params),
];

function excluding(params: JsonObject, keys: readonly string[], hint: string): ParamsProblem[] {
  const [first, ...others] = keys.filter((key) => Object.hasOwn(params, key));
  return others.map((key) => ({ path: [key], message: `\`${first}\` and \`${key}\` are both given`, hint }));
}

const FORM = 'application/x-www-form-urlencoded';

/** In a form that is written as text, a value with `&` would be further fields. */
function formProblems({ headers, body }: JsonObject): ParamsProblem[] {
  const type = Object.entries(isObject(headers) ? headers : {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  if (typeof type !== 'string' || !type.toLowerCase().includes(FORM)) return [];
  if (typeof body !== 'string' || !VALUE.test(body.replace(ENCODED, '')) || WHOLE.test(body)) return [];
  const hint = 'Write the fields as a map, which is encoded: `form: { text: "{{ alert.message }}" }`, without the header.';
  return [{ path: ['body'], message: 'values of `{{ }}` in the text of a form are not encoded', hint }];
}

/** A JSON text in `json` would be sent as one string. */
function jsonProblems({ json }: JsonObject): ParamsProblem[] {
  if (typeof json !== 'string' || !/^\s*(?:\{\s*"|\[\s*[{["])/.test(json)) return [];
  const hint = 'Write it as a map, or send the text with `body`.';
  return [{ path: ['json'], message: 'this text is sent as a JSON string, not as the map that it holds', hint }];
}

/** What looks like JSON with single quotes is none: nothing in it is escaped, and most servers refuse it. */
function quoteProblems({ body }: JsonObject): ParamsProblem[] {
  if (typeof body !== 'string' || !/^\s*(?:\{|\[\s*\{?)\s*'/.test(body) || !VALUE.test(body)) return [];
  const hint = 'JSON has double quotes. Or write a map, which needs none: `json: { text: "{{ alert.message }}" }`.';
  return [{ path: ['body'], message: 'values of `{{ }}` in single quotes are not escaped', hint }];
}

/** Queries in a language of the server's, in whose strings nothing is escaped. */
function queryProblems(params: JsonObject): ParamsProblem[] {
  const fields = [...BODY_KEYS, 'query', 'params'].flatMap((place) =>
    Object.entries(isObject(params[place]) ? params[place] : {}).map(([key, value]) => ({ path: [place, key], value })),
  );
  const quoted = fields.filter(
    ({ path, value }) => QUERY.test(String(path[1])) && typeof value === 'string' && QUOTED_TAG.test(value),
  );
  const paths = quoted.map(({ path }) => path);
  if (typeof params.body === 'string' && QUERY_IN_JSON.test(params.body)) paths.push(['body']);
  return paths.map((path) => ({
    path,
    message: 'a quote in the value of `{{ }}` would end the string of this query',
    hint: 'If the API takes variables or parameters, hand the value over as one: `variables: { host: "{{ alert.host }}" }`.',
    severity: 'warning',
  }));
}

const QUERY = /^(?:query|sql|statement)$/i;
const QUOTED_TAG = /["']\{\{/;
/** The same in a JSON text: a tag behind a quote of the query. */
const QUERY_IN_JSON = /"(?:query|sql|statement)"\s*:\s*"(?:[^"\\]|\\.)*?(?:\\"|')\{\{/is;

/** A tag that puts a value into the text, rather than one of a block. */
const VALUE = /\{\{(?!~?\s*(?:[#/^!]|else\b))/;
const ENCODED = /\{\{\{?\s*keep\.encode\([^}]*\}\}|keep\.encode\([^)]*\)/g;
const WHOLE = /^\s*\{\{[^{}]*\}\}\s*$/;

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
