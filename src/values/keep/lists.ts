import { isObject, type Json, toText } from '../../shared/json/json.ts';
import { expressionFailed, kindOf } from '../core/kinds.ts';
import { isEqual } from '../core/operators.ts';
import { anyTextOf, itemsOf, parsedJson, wholeOf } from './arguments.ts';
import { type KeepFunction, keepFunction } from './keep-function.ts';

function itemAt(items: Json[], position: number): Json {
  const item = items.at(position);
  if (item !== undefined) return item;
  const size = items.length === 0 ? 'It is empty' : `It has ${items.length} items`;
  throw expressionFailed(`There is no item ${position}. ${size}.`, 'Ask first: `keep.len(x) > 0`.');
}

function index([container = null, key = null]: Json[]): Json {
  if (!isObject(container)) return itemAt(itemsOf(container), wholeOf(key));
  const name = anyTextOf(key);
  if (Object.hasOwn(container, name)) return container[name] ?? null;
  throw expressionFailed(`There is no key \`${name.slice(0, 40)}\`.`, 'keep.dictget(x, key, default) asks for it.');
}

function areEqual(value: Json): boolean {
  const [first = null, ...rest] = itemsOf(value);
  return rest.every((item) => isEqual(item, first));
}

function join([value = null, delimiter = ',', prefix = null]: Json[]): string {
  const before = anyTextOf(prefix);
  return partsOf(value)
    .map((part) => before + part)
    .join(anyTextOf(delimiter));
}

function partsOf(value: Json): string[] {
  const container = typeof value === 'string' && value.trim() !== '' ? parsedJson(value) : value;
  if (container === null || container === '') return [];
  if (Array.isArray(container)) return container.map(toText);
  if (isObject(container)) return Object.entries(container).map(([key, item]) => `${key}=${toText(item)}`);
  throw expressionFailed(`A list or a map, or the JSON text of one, is needed, not ${kindOf(value)}.`);
}

const tags = { alert: { tags: ['db', 'prod'] } };

export const listFunctions: readonly KeepFunction[] = [
  keepFunction(
    'len(iterable=[])',
    {
      description: 'Number of items, characters or keys; 0 for a missing value.',
      example: { template: '{{ keep.len(alert.tags) > 1 }}', scope: tags, result: true },
    },
    ([value = null]) => itemsOf(value).length,
  ),
  keepFunction(
    'first(iterable)',
    {
      description: 'The first item or character.',
      example: { template: '{{ keep.first(alert.tags) }}', scope: tags, result: 'db' },
    },
    ([value = null]) => itemAt(itemsOf(value), 0),
  ),
  keepFunction(
    'last(iterable)',
    {
      description: 'The last item or character.',
      example: { template: '{{ keep.last(alert.tags) }}', scope: tags, result: 'prod' },
    },
    ([value = null]) => itemAt(itemsOf(value), -1),
  ),
  keepFunction(
    'index(iterable, index)',
    {
      description: 'The item at a position, counted from 0; negative ones count from the end. In a map, the value of a key.',
      example: { template: '{{ keep.index(alert.tags, -1) }}', scope: tags, result: 'prod' },
      difference: 'Negative positions work.',
    },
    index,
  ),
  keepFunction(
    "join(iterable, delimiter=',', prefix=None)",
    {
      description: 'The items of a list, or the `key=value` pairs of a map, joined into text; `prefix` is put before each.',
      example: {
        template: "{{ keep.join(alert.labels, '&', prefix='label.') }}",
        scope: { alert: { labels: { team: 'sre', tier: 1 } } },
        result: 'label.team=sre&label.tier=1',
      },
      difference: 'An empty list gives empty text, where Keep fails.',
    },
    join,
  ),
  keepFunction(
    'all(iterable)',
    {
      description: 'Whether all items are equal to each other.',
      example: { template: '{{ keep.all(alert.states) }}', scope: { alert: { states: ['up', 'up'] } }, result: true },
    },
    ([value = null]) => areEqual(value),
  ),
  keepFunction(
    'diff(iterable)',
    {
      description: 'Whether at least one item differs from the others.',
      example: { template: '{{ keep.diff(alert.states) }}', scope: { alert: { states: ['up', 'down'] } }, result: true },
    },
    ([value = null]) => !areEqual(value),
  ),
];
