import { describe, expect, test } from '@jest/globals';
import { mistakes, underlined } from './support.ts';

/** The same mistake in every way in which YAML writes text. */
const around = (value: string) => `workflow:
  id: positions
  steps:
    - name: a
      provider:
        type: mock
        with:
          first: 1
          value: ${value}
`;

describe('the caret stands under the mistake', () => {
  test.each([
    ['plain text', 'see {{ stps.x }}', '9:25'],
    ['double quotes', '"{{ stps.x }}"', '9:22'],
    ['double quotes with escapes before', '"a\\tb\\"c\\" {{ stps.x }}"', '9:32'],
    ['single quotes with a quote before', "'it''s {{ stps.x }}'", '9:28'],
    ['a block', '|\n            one\n            two {{ stps.x }}\n', '11:20'],
    ['a block that is folded', '>-\n            one\n            two {{ stps.x }}\n', '11:20'],
    ['quoted text over two lines', '"one\n            two {{ stps.x }}"', '10:20'],
    ['a flow map', '{ a: [1, "{{ stps.x }}"] }', '9:31'],
    ['the second of two alike', '"{{ alert.stps.x }} {{ stps.x }}"', '9:41'],
    ['characters outside the first plane before it', '"🚨 {{ stps.x }}"', '9:25'],
  ])('in %s', async (_, value, place) => {
    const text = around(value);
    const found = await mistakes(text);

    expect(found.map((one) => `${one.place.line}:${one.place.column}`)).toEqual([place]);
    expect(found.map((one) => underlined(one, text))).toEqual(['stps.x']);
  });

  test('two mistakes in one text have a place each', async () => {
    const text = around('|\n            {{ stps.x }}\n            {{ steps.b.results }} {{ alrt.y }}\n');
    const found = await mistakes(text);
    expect(found.map((one) => underlined(one, text))).toEqual(['stps.x', 'steps.b.results', 'alrt.y']);
    expect(found.map((one) => one.place.line)).toEqual([10, 11, 11]);
  });

  test('lines that end as on Windows', async () => {
    const text = around('"{{ stps.x }}"').replaceAll('\n', '\r\n');
    const found = await mistakes(text);
    expect(found.map((one) => [one.place.line, underlined(one, text)])).toEqual([[9, 'stps.x']]);
  });

  test('a value that came by an alias is shown where it is used', async () => {
    const text =
      'workflow:\n  id: x\n  consts: { a: &a 5 }\n  timeout: 1s\n  steps:\n    - name: s\n      provider:\n        type: http\n        with:\n          url: *a\n';
    const found = await mistakes(text);
    expect(found.map((one) => [one.code, one.place.line, underlined(one, text)])).toEqual([['wrong-type', 10, 'url']]);
  });
});

describe('steps beside each other (needs)', () => {
  const workflow = (cRest: string, cReads: string) => `workflow:
  id: x
  steps:
    - { name: a, provider: { type: mock } }
    - { name: b, needs: [a], provider: { type: mock } }
    - name: c
      ${cRest}
      provider: { type: mock, with: { v: "{{ steps.${cReads}.results }}" } }
    - { name: d, provider: { type: mock } }
`;

  test.each([
    ['a step that it needs', 'needs: [b]', 'b', []],
    ['what that one needs', 'needs: [b]', 'a', []],
    ['a step above, without needs', 'timeout: 1s', 'b', []],
    ['a step beside it', 'needs: [a]', 'b', ['step-order']],
    ['a step that it does not wait for', 'needs: []', 'a', ['step-order']],
    ['a later step', 'needs: [a]', 'd', ['step-order']],
    ['itself', 'needs: [a]', 'c', ['step-order']],
  ])('reading %s', async (_, rest, reads, codes) => {
    expect((await mistakes(workflow(rest, reads))).map((one) => one.code)).toEqual(codes);
  });

  test.each([
    ['a step behind', 'needs: [d]', 'step-order', /Move it up/],
    ['itself', 'needs: c', 'step-order', /itself/],
    ['none that is there', 'needs: [aa]', 'unknown-step', /`a`/],
    ['hostile text', 'needs: ["{{ secrets.X }}\\n__proto__"]', 'unknown-step', /no step/],
  ])('needing %s', async (_, rest, code, helps) => {
    const found = await mistakes(workflow(rest, 'a').replace('{{ steps.a.results }}', 'none'));
    expect(found.map((one) => one.code)).toEqual([code]);
    expect(`${found[0]?.message} ${found[0]?.hint}`).toMatch(helps);
  });
});
