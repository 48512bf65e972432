import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json } from '../shared/json/json.ts';
import { Type } from '../shared/schema/schema.ts';
import { itemKeys, itemPolicy, refuseStrayKeys, runItems } from './items.ts';
import type { Keyword, KeywordCompiler } from './keyword.ts';

/** A threshold in the step's `condition` adds `level` and `compare_value`. */
const FIELDS = new Set(['value', 'index', 'items', 'level', 'compare_value', 'compare_to']);

/** `foreach: "{{ alert.alerts }}"`: runs the step once for each item, keeping every item's result and error. */
export const foreachKeyword: Keyword = {
  keys: {
    foreach: Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.Unknown())], {
      description:
        'A list: the step runs once for each item, which templates read as `foreach.value` (and `foreach.index`). `{{ a }} && {{ b }}` pairs two lists.',
    }),
    ...itemKeys,
  },
  root: { name: 'foreach', key: 'foreach' },
  iterates: 'list',
  otherNames: {
    ...{ for_each: 'foreach', with_items: 'foreach', loop: 'foreach' },
    ...{ 'max-parallel': 'concurrency', parallelism: 'concurrency' },
  },
  compile(step, compiler) {
    if (step.foreach === undefined) {
      if (step.matrix === undefined) refuseStrayKeys(step, compiler);
      return {};
    }
    const items = listOf(step.foreach, compiler);
    const policy = itemPolicy(step);
    return {
      roots: { foreach: FIELDS },
      wrap: (next, ports) => async (frame) => {
        const list = items(frame.scope);
        // A skipped step has null results.
        if (list === null) return { status: 'skipped', results: null, attempts: 0, reason: 'foreach: there is no list' };
        const values = asItems(list);
        const entries = values.map((value, index) => ({ foreach: { value, index, items: values } }));
        return runItems(entries, frame, next, ports, policy);
      },
    };
  },
};

const PAIRED = /^\s*\{\{[^{}]*\}\}(?:\s*&&\s*\{\{[^{}]*\}\})+\s*$/;

/** A single tag with any content. */
const SINGLE = /^\s*\{\{(?:(?!\}\}\s*\S)[\s\S])*\}\}\s*$/;

/** As in Keep, `&&` pairs lists, and the items are then lists. */
function listOf(written: Json, compiler: KeywordCompiler): ReturnType<KeywordCompiler['value']> {
  if (typeof written !== 'string') return compiler.value(['foreach'], 'items');
  // Keep also accepts a path without braces.
  if (!written.includes('{{')) return compiler.expression(['foreach'], 'items');
  if (!PAIRED.test(written) && !SINGLE.test(written))
    compiler.problem(
      ['foreach'],
      '`foreach` needs a list, and this is text',
      'Write the list as one `{{ path }}` with nothing around it.',
    );
  const [first, ...more] = compiler.pairs(['foreach'], PAIRED.test(written), 'items');
  if (first && more.length === 0) return first;
  return (scope) => {
    const all = [first, ...more].map((list) => list?.(scope) ?? null);
    if (all.some((list) => list === null)) return null;
    const columns = all.map((list) => asItems(list));
    const shortest = Math.min(...columns.map((column) => column.length));
    return Array.from({ length: shortest }, (_, row) => columns.map((column) => column[row] ?? null));
  };
}

function asItems(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  if (isObject(value)) return Object.entries(value).map(([key, item]) => ({ key, value: item }));
  const what = typeof value === 'string' ? 'text' : `a ${typeof value}`;
  throw new ThreadlineError('expression_failed', `\`foreach\` needs a list and got ${what}.`, {
    hint: 'Write the list as one `{{ path }}` with nothing around it.',
  });
}
