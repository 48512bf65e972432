import { isObject, type Json, type JsonObject, type ParamsProblem } from 'threadline/provider';
import { MANAGEMENT_KEYS, QUERY_KEYS, RULE_KEYS } from './schema.ts';

/** `nothing` is a step whose work the host does, such as `enrich_alert`. */
export type Call = 'query' | 'rule' | 'management' | 'nothing';

/** Finds the use of the provider that the parameters mean. */
export function callOf(params: object): Call {
  const has = (keys: readonly string[]) => keys.some((key) => Object.hasOwn(params, key));
  if (has(MANAGEMENT_KEYS)) return 'management';
  if (has(QUERY_KEYS)) return 'query';
  return has(RULE_KEYS) ? 'rule' : 'nothing';
}

export const MANAGEMENT_HINT = 'Keep workflow files in a git repository, and update them there: a run reads the file as it is.';

export function checkParams(params: JsonObject): ParamsProblem[] {
  switch (callOf(params)) {
    case 'management':
      return written(params, MANAGEMENT_KEYS).map((key) => ({
        path: [key],
        part: 'key',
        message: `\`${key}\` manages the workflows of a Keep server, and fails here`,
        hint: MANAGEMENT_HINT,
        severity: 'warning',
      }));
    case 'query':
      return [...checkQuery(params), ...patternsIn(params), ...strayKeys(params), ...queryDifferences(params)];
    default:
      return [...checkRule(params), ...ruleDifferences(params)];
  }
}

const written = (params: JsonObject, keys: readonly string[]) => keys.filter((key) => Object.hasOwn(params, key));

function checkQuery({ version, filter, filters }: JsonObject): ParamsProblem[] {
  if (version === 1 && filters === undefined) {
    const hint =
      filter === undefined ? 'Add `filters: [{ key: status, value: firing }]`.' : '`filter` is of `version: 2`: write that.';
    return [{ path: ['version'], message: 'a query of version 1 needs `filters`', hint }];
  }
  if (version === 2 && filter === undefined) {
    const hint = filters === undefined ? 'Add `filter: "status == \'firing\'"`.' : '`filters` is of `version: 1`: write that.';
    return [{ path: ['version'], message: 'a query of version 2 needs a `filter`', hint }];
  }
  if (filter !== undefined || filters !== undefined) return [];
  return [{ path: [], message: 'the query does not say which alerts', hint: 'Add `filter: "status == \'firing\'"`.' }];
}

/** Parameters that ask for other alerts in Keep. */
const QUERY_DIFFERENCES: Readonly<Record<string, string>> = {
  filters: "Keep looks for `filters` in an alert's enrichments only; here they look at the alert as it stands",
  timerange: 'Keep makes a number of days before now of `timerange`; here it is the time that is written',
};

const note = (key: string, message: string): ParamsProblem => ({ path: [key], part: 'key', message, severity: 'note' });

const queryDifferences = (params: JsonObject): ParamsProblem[] =>
  written(params, Object.keys(QUERY_DIFFERENCES)).map((key) => note(key, QUERY_DIFFERENCES[key] ?? ''));

function ruleDifferences({ alert, read_only, for: forTime, fingerprint_fields: fields }: JsonObject): ParamsProblem[] {
  const isOfItem = (field: Json) => isObject(alert) && !Object.hasOwn(alert, String(field).split('.')[0] ?? '');
  const named = Array.isArray(fields) ? fields.filter(isOfItem) : [];
  return [
    ...(read_only === true && forTime !== undefined
      ? [note('read_only', 'Keep resolves alerts in spite of `read_only` where there is a `for`; here they are left alone')]
      : []),
    ...(named.length > 0
      ? [note('fingerprint_fields', `Keep looks for \`${named.join('`, `')}\` in the new alert only; here also in its item`)]
      : []),
  ];
}

const LOOKS_LIKE_PATTERN = /^r["']|\*|\|/;

function patternsIn({ filters }: JsonObject): ParamsProblem[] {
  return (Array.isArray(filters) ? filters : []).flatMap((filter, index): ParamsProblem[] => {
    if (!isObject(filter) || typeof filter.value !== 'string' || filter.value.includes('{{')) return [];
    if (!LOOKS_LIKE_PATTERN.test(filter.value)) return [];
    const message = `\`${filter.value.slice(0, 60)}\` is compared as text, letter by letter`;
    const hint = 'Ask for a pattern with `filter: "name.matches(\'…\')"`.';
    return [{ path: ['filters', index, 'value'], message, hint, severity: 'warning' }];
  });
}

function strayKeys(params: JsonObject): ParamsProblem[] {
  return written(params, [...RULE_KEYS, 'items', 'item']).map((key) => ({
    path: [key],
    part: 'key',
    message: `\`${key}\` does nothing in a query`,
    hint: 'Ask for alerts in one step, and make them in another.',
    severity: key === 'alert' ? 'error' : 'warning',
  }));
}

/** Empty parameters are valid, because the host removes keys such as `enrich_alert` before this check. */
function checkRule(params: JsonObject): ParamsProblem[] {
  if (Object.keys(params).length === 0) return [];
  const { alert } = params;
  if (alert === undefined)
    return [
      {
        path: [],
        message: 'there is neither an `alert` to make nor a `filter` to ask for alerts with',
        hint: 'Add `alert: { name: … }`, or `filter: "status == \'firing\'"`.',
      },
    ];
  if (isObject(alert)) return [];
  return [{ path: ['alert'], message: '`alert` must be a map of fields', hint: 'Write `alert: { name: …, severity: … }`.' }];
}
