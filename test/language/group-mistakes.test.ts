import { describe, expect, test } from '@jest/globals';
import { lineOf, mistakes } from './support.ts';

const step = (name: string, more = '', given = '{}') =>
  `{ name: ${name}, ${more ? `${more}, ` : ''}provider: { type: mock, with: ${given} } }`;
const reads = (name: string, path: string, more = '') => step(name, more, `{ x: "{{ ${path} }}" }`);
const said = async (steps: string[], more = '') =>
  (await mistakes(`workflow:\n  id: t\n${more}  steps:\n${steps.map((one) => `    - ${one}\n`).join('')}`)).map(lineOf);

describe('what a step may read', () => {
  test.each<[title: string, steps: string[], line: string]>([
    [
      'a step inside of items, from outside',
      [`{ name: g, foreach: [1], steps: [${step('a')}] }`, reads('b', 'steps.a.results')],
      'step-order step `a` runs once for each item of `g` | Read `steps.g.results`, a list: `steps.g.results[0].a`.',
    ],
    [
      'a step deep inside of a matrix',
      [`{ name: g, matrix: { x: [1] }, steps: [{ name: h, steps: [${step('a')}] }] }`, reads('b', 'steps.a.results')],
      'step-order step `a` runs once for each item of `g`',
    ],
    [
      'a sibling in parallel',
      [`{ name: g, parallel: [${step('a')}, ${reads('b', 'steps.a.results')}] }`],
      'step-order step `a` has not ended when `b` starts | Move `b` behind it, or add `a` to its `needs`.',
    ],
    [
      'another case',
      [`{ name: g, switch: x, cases: { x: [${step('a')}], y: [${reads('b', 'steps.a.results')}] } }`],
      'step-order step `a` is in another branch of `g`',
    ],
    [
      'the default, from a case',
      [`{ name: g, switch: x, cases: { x: [${reads('a', 'steps.b.results')}] }, default: [${step('b')}] }`],
      'step-order step `b` is in another branch of `g`',
    ],
    [
      'the other side of an else',
      [`{ name: g, if: true, steps: [${step('a')}], else: [${reads('b', 'steps.a.results')}] }`],
      'step-order step `a` is in another branch of `g`',
    ],
    [
      'the group around it',
      [`{ name: g, steps: [${reads('a', 'steps.g.results')}] }`],
      'step-order `g` is the group around this step, and has not ended',
    ],
    [
      'a later step of its group',
      [`{ name: g, steps: [${reads('a', 'steps.b.results')}, ${step('b')}] }`],
      'step-order step `b` has not ended when `a` starts',
    ],
    [
      'a step behind its group',
      [`{ name: g, steps: [${reads('a', 'steps.b.results')}] }`, step('b')],
      'step-order step `b` has not ended when `a` starts',
    ],
    [
      'a step beside its group that it does not wait for',
      [step('b'), `{ name: g, needs: [], steps: [${reads('a', 'steps.b.results')}] }`],
      'step-order step `b` has not ended',
    ],
    [
      'needs of a step outside',
      [step('b'), `{ name: g, steps: [${step('a', 'needs: [b]')}] }`],
      'unknown-step there is no step `b` beside this one',
    ],
    [
      'needs of a step in another list',
      [`{ name: g, steps: [${step('a')}] }`, step('b', 'needs: [a]')],
      'unknown-step there is no step `a` beside this one',
    ],
    [
      'the foreach of a group, outside',
      [`{ name: g, foreach: [1], steps: [${step('a')}] }`, reads('b', 'foreach.value')],
      'unknown-root `foreach` is only there in a step that has `foreach`',
    ],
    [
      'a name that is used in two groups',
      [`{ name: g, steps: [${step('a')}] }`, `{ name: h, steps: [${step('a')}] }`],
      'duplicate-name there are two steps called `a`',
    ],
  ])('not %s', async (_, steps, line) => {
    const lines = await said(steps);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(line);
  });

  test.each<[title: string, steps: string[]]>([
    ['a step of a group before', [`{ name: g, steps: [${step('a')}] }`, reads('b', 'steps.a.results')]],
    ['a case, behind the switch', [`{ name: g, switch: x, cases: { x: [${step('a')}] } }`, reads('b', 'steps.a.status')]],
    ['a step that all need', [`{ name: g, parallel: [${step('a')}, ${reads('b', 'steps.a.results', 'needs: [a]')}] }`]],
    [
      'the steps above its group, and the loop around it',
      [
        step('z'),
        `{ name: g, foreach: [1], steps: [${step('a')}, { name: h, steps: [${reads('b', 'steps.a.results[foreach.index]')}, ${reads('c', 'steps.z.results')}] }] }`,
      ],
    ],
  ])('%s', async (_, steps) => {
    expect(await said(steps)).toEqual([]);
  });

  test('outputs and finally may read steps of groups, but not those inside of items or of finally itself', async () => {
    const more = `  finally: [${reads('last', 'steps.a.status')}]\n  outputs: { one: "{{ steps.a.results }}", two: "{{ steps.b.results }}", three: "{{ steps.last.results }}" }\n`;
    const lines = await said([`{ name: g, steps: [${step('a')}] }`, `{ name: h, foreach: [1], steps: [${step('b')}] }`], more);
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'step-order step `b` runs once for each item of `h` | Read `steps.h.results`, a list: `steps.h.results[0].b`.',
      'step-order step `last` has not run when this is computed',
    ]);
  });
});

describe('what a step may be', () => {
  test.each<[title: string, steps: string[], line: string]>([
    [
      'a provider and steps',
      [step('g', `steps: [${step('a')}]`)],
      '4:18 invalid-value a step has one of provider, steps, parallel, switch: `provider` is there already | Make two steps of it.',
    ],
    [
      'steps and parallel',
      [`{ name: g, steps: [${step('a')}], parallel: [${step('b')}] }`],
      'a step has one of provider, steps, parallel, switch: `steps` is there already',
    ],
    [
      'parallel and switch',
      [`{ name: g, parallel: [${step('a')}], switch: x, cases: { x: [${step('b')}] } }`],
      '`parallel` is there already',
    ],
    ['else without if', [`{ name: g, steps: [${step('a')}], else: [${step('b')}] }`], '`else` needs `if` beside it'],
    [
      'else beside a provider',
      [step('g', `if: true, else: [${step('b')}]`)],
      '`else` needs `steps` beside it | Put the step itself under `steps:`.',
    ],
    [
      'cases without switch',
      [`{ name: g, steps: [${step('a')}], cases: { x: [${step('b')}] } }`],
      '`cases` needs `switch` beside it | Say what is looked at: `switch: "{{ … }}"`.',
    ],
    [
      'default without switch',
      [`{ name: g, steps: [${step('a')}], default: [${step('b')}] }`],
      '`default` needs `switch` beside it',
    ],
    [
      'switch on a path without braces',
      [`{ name: g, switch: alert.severity, cases: { x: [${step('a')}] } }`],
      '`alert.severity` is a text here, and not the value of that name | Write `switch: "{{ alert.severity }}"`.',
    ],
    ['switch without cases', [`{ name: g, switch: x, default: [${step('a')}] }`], '`switch` needs `cases` beside it'],
    [
      'nothing',
      ['{ name: g, if: true }'],
      'missing-key step `g` has nothing to do | Give it a `provider`, or `steps`, `parallel` or `switch`.',
    ],
    ['an empty group', ['{ name: g, steps: [] }'], '`steps`'],
    ['a mistyped key inside', [`{ name: g, steps: [${step('a', 'iff: true')}] }`], 'Did you mean `if`?'],
    ['called this', [step('this')], '`this` is not a valid name for a step | `steps.this` is the step that ran last.'],
    ['called with a dot', [`{ name: g, steps: [${step('a.b')}] }`], 'invalid-value'],
    [
      'enriched at the wrong place',
      [step('a', 'enrich_alert: [{ key: x, value: 1 }]')],
      '`enrich_alert` belongs into `with:` of the provider.',
    ],
    [
      'enriched by a key of data',
      [step('a', '', '{ enrich_alert: [{ key: "{{ run.id }}", value: 1 }] }')],
      'invalid-value which field is written must be written out',
    ],
    [
      'enriched by a prototype',
      [step('a', '', '{ enrich_alert: [{ key: __proto__, value: 1 }] }')],
      'invalid-value a field cannot be called `__proto__`',
    ],
    ['enriched by a value that is not a list', [step('a', '', '{ enrich_alert: x }')], 'wrong-type'],
    ['throttled by what there is not', [step('a', 'throttle: { type: once }')], 'one_until_resolved'],
  ])('not %s', async (_, steps, line) => {
    const lines = await said(steps);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(line);
  });
});

test('a type of output that there is not is a mistake', async () => {
  const lines = await said([step('a')], '  outputs: { x: { value: 1, type: strng } }\n');
  expect(lines).toEqual([expect.stringMatching(/^3:\d+ invalid-value .*Did you mean `string`\?$/)]);
});
