import { isPrototypeKey, type Json, type JsonObject, toText } from '../../shared/json/json.ts';
import { expressionFailed } from '../core/kinds.ts';
import { anyTextOf, mapIn, mapOf, textOf } from './arguments.ts';
import { type KeepFunction, keepFunction } from './keep-function.ts';

const keeping = (map: JsonObject, wanted: (key: string) => boolean): JsonObject =>
  Object.fromEntries(Object.entries(map).filter(([key]) => wanted(key)));

function get([data = null, key = null, otherwise = null]: Json[]): Json {
  const map = mapIn(data);
  const name = anyTextOf(key);
  return map && Object.hasOwn(map, name) ? (map[name] ?? null) : otherwise;
}

function set([data = null, key = null, value = null]: Json[]): Json {
  const name = textOf(key);
  if (isPrototypeKey(name)) throw expressionFailed(`\`${name}\` cannot be a key.`);
  return Object.fromEntries([...Object.entries(mapIn(data) ?? {}), [name, value]]);
}

const labels = { alert: { labels: { team: 'sre', k8s_pod: 'web-1', k8s_node: 'n7' } } };

export const mapFunctions: readonly KeepFunction[] = [
  keepFunction(
    'dictget(data, key, default=None)',
    {
      description: 'The value of a key in a map, or in the JSON text of one; `default` when it is not there.',
      example: {
        template: "{{ keep.dictget(consts.severities, alert.severity, 'info') }}",
        scope: { consts: { severities: { s1: 'critical' } }, alert: { severity: 's9' } },
        result: 'info',
      },
      difference: 'Apostrophes and line breaks in the data do not matter.',
    },
    get,
  ),
  keepFunction(
    'dict_set(data, key, value)',
    {
      description: 'The map with a key set; a new map if the value is not a map.',
      example: {
        template: "{{ keep.dict_set(alert.labels, 'team', 'dba') }}",
        scope: { alert: { labels: { team: 'sre' } } },
        result: { team: 'dba' },
      },
    },
    set,
  ),
  keepFunction(
    'dict_merge(...maps)',
    {
      description: 'All maps merged; later ones win, and values that are not maps are left out.',
      example: {
        template: '{{ keep.dict_merge(consts.defaults, alert.labels) }}',
        scope: { consts: { defaults: { team: 'sre', tier: 3 } }, alert: { labels: { tier: 1 } } },
        result: { team: 'sre', tier: 1 },
      },
    },
    (values) => Object.fromEntries(values.flatMap((value) => Object.entries(mapIn(value) ?? {}))),
  ),
  keepFunction(
    'dict_pop(data, ...keys)',
    {
      description: 'The map without these keys.',
      example: {
        template: "{{ keep.dict_pop(alert.labels, 'k8s_pod', 'k8s_node') }}",
        scope: labels,
        result: { team: 'sre' },
      },
    },
    ([data = null, ...keys]) => {
      const unwanted = new Set(keys.map(anyTextOf));
      return keeping(mapOf(data), (key) => !unwanted.has(key));
    },
  ),
  keepFunction(
    'dict_pop_prefix(data, prefix)',
    {
      description: 'The map without the keys that begin with the prefix.',
      example: { template: "{{ keep.dict_pop_prefix(alert.labels, 'k8s_') }}", scope: labels, result: { team: 'sre' } },
    },
    ([data = null, prefix = null]) => keeping(mapOf(data), (key) => !key.startsWith(textOf(prefix))),
  ),
  keepFunction(
    'dict_filter_by_prefix(data, prefix)',
    {
      description: 'Only those keys of the map that begin with the prefix.',
      example: {
        template: "{{ keep.dict_filter_by_prefix(alert.labels, 'te') }}",
        scope: labels,
        result: { team: 'sre' },
      },
    },
    ([data = null, prefix = null]) => keeping(mapOf(data), (key) => key.startsWith(textOf(prefix))),
  ),
  keepFunction(
    'dict_to_key_value_list(d)',
    {
      description: 'A list of `key:value` texts.',
      example: {
        template: '{{ keep.dict_to_key_value_list(alert.labels) }}',
        scope: { alert: { labels: { team: 'sre', tier: 1 } } },
        result: ['team:sre', 'tier:1'],
      },
    },
    ([data = null]) => Object.entries(mapOf(data)).map(([key, value]) => `${key}:${toText(value)}`),
  ),
];
