import { describe, expect, test } from '@jest/globals';
import { WorkflowSchema } from '../../src/language/schema.ts';
import { StepSchema } from '../../src/language/step-schema.ts';
import type { SchemaNode } from '../../src/shared/schema/schema.ts';
import { nearest } from '../../src/shared/text/suggest.ts';
import { mistakes } from './support.ts';

type Tree = { [key: string]: unknown };

/** Steps hold steps: the outermost has every key, those inside of it what they need. */
const INNER_STEP = { name: 'inner', provider: { type: 'mock', config: {}, with: {} } };
let fullStep: unknown = INNER_STEP;

/** A value that fits a schema of the language, with every key that there can be. */
function fullest(schema: SchemaNode, name = ''): unknown {
  if (schema.$ref) return fullStep;
  if (name === 'provider') return { type: 'mock', config: {}, with: {} };
  const branches = schema.anyOf as SchemaNode[] | undefined;
  if (branches)
    return fullest(branches.find((branch) => branch.type === 'object' && branch.properties) ?? (branches[0] as SchemaNode), name);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return (schema.enum as unknown[])[0];
  if (schema.examples) return (schema.examples as unknown[])[0];
  if (schema.type === 'array') return [fullest((schema.items ?? {}) as SchemaNode, name)];
  if (schema.type === 'object') return fullestMap(schema);
  return schema.type === 'number' || schema.type === 'integer' ? 1 : schema.type === 'boolean' ? true : 'text';
}

function fullestMap(schema: SchemaNode): Tree {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, SchemaNode>);
  const others = Object.values((schema.patternProperties ?? {}) as Record<string, SchemaNode>);
  const named = properties.map(([key, property]): [string, unknown] => [key, fullest(property, key)]);
  return Object.fromEntries([...named, ...others.map((other): [string, unknown] => ['some', fullest(other)])]);
}

/** Paths to every key whose map is closed: those that the author of a workflow can misspell. */
function keysOf(schema: SchemaNode, path: string[] = []): string[][] {
  if (schema.$ref) return path.length > 2 ? [] : keysOf(STEP, path);
  const branches = (schema.anyOf ?? []) as SchemaNode[];
  const inner = Object.entries((schema.properties ?? {}) as Record<string, SchemaNode>);
  const others = Object.values((schema.patternProperties ?? {}) as Record<string, SchemaNode>);
  return [
    ...inner.flatMap(([key, property]) => [[...path, key], ...keysOf(property, [...path, key])]),
    ...others.flatMap((other) => keysOf(other, [...path, 'some'])),
    ...(schema.items ? keysOf(schema.items as SchemaNode, [...path, '0']) : []),
    ...branches
      .filter((branch) => branch.type === 'object' || branch.type === 'array' || branches.length === 1)
      .flatMap((branch) => keysOf(branch, path)),
  ];
}

const swapped = (word: string) => (word.length < 3 ? `${word}x` : word[0] + (word[2] ?? '') + (word[1] ?? '') + word.slice(3));
const MISSPELLINGS: [how: string, misspell: (word: string) => string][] = [
  ['a letter too much', (word) => `${word.slice(0, 2)}q${word.slice(2)}`],
  ['a letter too few', (word) => (word.length < 3 ? `${word}q` : word.slice(0, -1))],
  ['two letters swapped', swapped],
  ['capitals', (word) => word[0]?.toUpperCase() + word.slice(1)],
];

function renamed(tree: unknown, path: string[], to: string): unknown {
  const [key = '', ...rest] = path;
  if (Array.isArray(tree)) return tree.map((item, index) => (String(index) === key ? renamed(item, rest, to) : item));
  return Object.fromEntries(
    Object.entries(tree as Tree).map(([name, value]) =>
      name !== key ? [name, value] : rest.length === 0 ? [to, value] : [name, renamed(value, rest, to)],
    ),
  );
}

const exists = (tree: unknown, path: string[]): boolean =>
  path.length === 0 ||
  (typeof tree === 'object' &&
    tree !== null &&
    path[0] !== undefined &&
    path[0] in tree &&
    exists((tree as Tree)[path[0]], path.slice(1)));

const STEP = StepSchema as unknown as SchemaNode;
fullStep = fullest(STEP);
const FULL = fullest(WorkflowSchema as unknown as SchemaNode) as Tree;
const PATHS = keysOf(WorkflowSchema as unknown as SchemaNode).filter((path) => exists(FULL, path));

describe('every key of every level, misspelt', () => {
  test('there are many of them', () => {
    expect(PATHS.length).toBeGreaterThan(50);
    expect(PATHS.map((path) => path.join('.'))).toEqual(
      expect.arrayContaining(['steps.0.retry.max_delay', 'on-failure.provider.with', 'inputs.0.options']),
    );
  });

  test.each(MISSPELLINGS)('%s: is found and named', async (_, misspell) => {
    for (const path of PATHS) {
      const right = path.at(-1) as string;
      const wrong = misspell(right);
      if (wrong === right) continue;
      const found = await mistakes(JSON.stringify({ workflow: renamed(FULL, path, wrong) }, null, 2));
      const mistake = found.find((one) => one.code === 'unknown-key' && one.message.includes(`\`${wrong}\``));
      // Keep's spelling is a second name of ours.
      const meant = right.replace('continue_on_error', 'continue-on-error');
      expect({ path, wrong, hint: mistake?.hint }).toEqual({ path, wrong, hint: `Did you mean \`${meant}\`?` });
    }
  });

  test('a misspelt key that had to be there is one mistake, not two', async () => {
    const text = 'workflow:\n  id: x\n  steps:\n    - nmae: a\n      provder: { type: mock }\n';
    expect((await mistakes(text)).map((one) => one.hint)).toEqual(['Did you mean `name`?', 'Did you mean `provider`?']);
  });

  test('words that are nothing alike get no suggestion', () => {
    expect(nearest('banana', Object.keys(FULL))).toBeUndefined();
  });
});
