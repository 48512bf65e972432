import { describe, expect, test } from '@jest/globals';
import { compileExpression, compileTemplate } from '../../src/values/index.ts';
import { failure, options, render, scope } from './scope.ts';

describe('a call stands bare in text', () => {
  test.each([
    ['Alert keep.uppercase({{ alert.name }}) fired: keep.len([1,2])', 'Alert DISK FULL fired: 2'],
    ['(keep.len({{ alert.tags }}))', '(2)'],
    ["'keep.len({{ alert.tags }})'", "'2'"],
    ['keep.len( {{ alert.tags }} ) tags', '2 tags'],
    ['keep.slice(\'{{ alert.name }}\', 0, 4), keep.slice("{{ alert.name }} now", -3)', 'Disk, now'],
    ["keep.uppercase('a)b(c')!", 'A)B(C!'],
    ["keep.uppercase('it\\'s')!", "IT'S!"],
    ["keep.uppercase(\"it's {{ alert.name }}: '{{ alert.count }}'\")!", "IT'S DISK FULL: '70'!"],
    ['keep.join({{ alert.tags }}, "}}")!', 'db}}prod!'],
    ["keep.add(1,\n  -2.5,\n  keep.len(['a', None, True, {'b': (1, 2)}]))!", '2.5!'],
    ['keep.first(()  or [3])!', '3!'],
    ['<keep.uppercase({{ alert.missing }})>', '<>'],
    ['{{#each alert.tags}}keep.uppercase({{ this }}) {{/each}}', 'DB PROD '],
    ['{{#each alert.items as |item|}}keep.add({{ item.count }}, {{ @index }}) {{/each}}', '1 3 '],
    ['{{#if keep.len(alert.tags) > 1}}keep.len({{ alert.tags }}){{else}}none{{/if}}!', '2!'],
    ["{{#each keep.split('a-b', '-')}}{{ this }};{{/each}}", 'a;b;'],
    ['{{#fn.upper}}keep.capitalize({{ alert.severity }}){{/fn.upper}}', 'CRITICAL'],
    ['{{ upper (keep.first(alert.tags)) }}!', 'DB!'],
    ['{{{ keep.first(alert.tags) }}}!', 'db!'],
    ['{{ keep.len(alert.tags) }} keep.len({{ alert.tags }})\n{{ keep.first(alert.tags) }}', '2 2\ndb'],
  ])('%j', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  test.each([
    ['keep.len({{ alert.tags }})', 2],
    ['keep.split({{ alert.name }}, " ")', ['Disk', 'full']],
    ["keep.json_loads('{{ alert.labels }}')", scope.alert.labels],
    ['keep.eq(1, 2)', false],
    ["keep.dictget({{ alert.labels }}, 'nope')", null],
    ['{{ keep.slice(alert.name, 0, 4) }}', 'Disk'],
  ])('one call and nothing else keeps its type: %s', (text, expected) => {
    expect(render(text)).toEqual(expected);
  });

  test('a template is no call where it only mentions Keep', () => {
    for (const text of [
      'keep. calm',
      'keep.len without parentheses',
      'keep. len(1)',
      'https://docs.keep.dev/len(1)',
      'https://keep.example/x',
      'my.keep.len(1)',
      'upkeep.len(1)',
      'keep.(1)',
      'a :) and (b',
      '((',
    ])
      expect(render(text)).toBe(text);
    expect(render('{{ "keep.example(1)" }} stays')).toBe('keep.example(1) stays');
  });

  test('what stands in a tag, a comment or escaped braces is not taken for a call', () => {
    expect(render('{{! keep.nope(1) }}{{ "keep.a(" }} keep.len([1])')).toBe('keep.a( 1');
    expect(render("{{ default alert.x 'keep.b(' }} \\{{ keep.len([1, 2]) }}")).toBe('keep.b( {{ 2 }}');
  });

  test('missing values outside of the payload are errors, as everywhere', () => {
    expect(failure(() => render('keep.len({{ steps.plain.reslts }})'))).toMatchObject({
      code: 'missing_value',
      hint: 'Did you mean `steps.plain.results`?',
    });
  });

  test('what goes into a URL is encoded', () => {
    const { evaluate } = compileTemplate('/q/keep.lowercase({{ alert.name }})', { ...options, encode: encodeURIComponent });
    expect(evaluate(scope)).toBe('/q/disk%20full');
  });

  test('references and calls say where they stand', () => {
    const text = "a keep.dictget({{ steps.get-pods.results }}, '{{ alert.x }}') b";
    const compiled = compileTemplate(text, options);
    expect(compiled.references.map(({ offset, length }) => text.slice(offset, offset + length))).toEqual([
      'steps.get-pods.results',
      'alert.x',
    ]);
    expect(compiled.calls).toEqual(['keep.dictget']);
  });
});

describe('mistakes in calls', () => {
  const problems = (text: string) =>
    compileTemplate(text, options).problems.map(({ code, offset, length, hint }) => [
      code,
      text.slice(offset, offset + length),
      hint,
    ]);

  test.each([
    ['a keep.nosuch(1) b', ['function', 'keep.nosuch', 'If this is text and not a call, write {{ "keep.nosuch(…)" }}.']],
    ['a keep.lower(1) b', ['function', 'keep.lower', expect.stringContaining('{{ "keep.lower(…)" }}')]],
    [
      'a keep.uppercas({{ alert.name }}) b',
      ['function', 'keep.uppercas', expect.stringContaining('Did you mean `keep.uppercase`?')],
    ],
    ['a keep.len({{ alert.tags }} b', ['function', 'keep.len', 'Write `)` behind its last argument.']],
    ['a keep.len({{ alert.tags | size }}) b', ['jinja', '| size', 'Write a helper in front of the value: {{ upper x }}.']],
    ['a keep.len(alert.tags b) c', ['expression', 'b', undefined]],
  ])('%s', (text, expected) => {
    expect(problems(text)).toEqual([expected]);
  });

  test('one call that is not closed does not hide the others', () => {
    expect(problems('keep.len(1 and keep.len([2]) {{ keep.nosuch(1) }}')).toEqual([
      ['function', 'keep.len', 'Write `)` behind its last argument.'],
      ['function', 'keep.nosuch', expect.any(String)],
    ]);
  });
});

describe('raw_render_without_execution', () => {
  const from = { alert: { text: 'keep.len(1) {{ alert.x }} )' }, steps: { a: { results: { body: 'if: keep.x(1)' } } } };

  test('renders what it holds, and calls nothing', () => {
    expect(render('raw_render_without_execution({{ steps.a.results.body }})', from)).toBe('if: keep.x(1)');
    expect(render(' raw_render_without_execution(a {{ alert.text }} keep.nosuch(2))\n', from)).toBe(
      'a keep.len(1) {{ alert.x }} ) keep.nosuch(2)',
    );
  });

  test('is the whole value, or text', () => {
    expect(render('a raw_render_without_execution({{ alert.text }})', from)).toBe(
      'a raw_render_without_execution(keep.len(1) {{ alert.x }} ))',
    );
  });
});

describe('blocks of Keep', () => {
  test.each([
    ['{{#fn.na}}{{ steps.nope.results }}{{/fn.na}}', 'N/A'],
    ['{{#fn.na}}{{ alert.zero }}{{/fn.na}}', '0'],
    ['{{#fn.na}}{{ alert.nothing }}{{ alert.empty }}{{/fn.na}}', 'N/A'],
    ['{{#each alert.items}}{{#fn.na}}{{ owner }}{{/fn.na}}/{{ name }} {{/each}}', 'N/A/a N/A/b '],
    ['{{#fn.upper}}{{#fn.na}}{{ alert.x }}{{/fn.na}} {{ alert.severity }}{{/fn.upper}}', 'N/A CRITICAL'],
    ['{{#fn.strip}} {{#if alert.firing}} on {{/if}} {{/fn.strip}}', 'on'],
  ])('%s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  test('a missing value is nothing in them only', () => {
    expect(failure(() => render('{{#fn.na}}{{ alert.x }}{{/fn.na}} {{ alert.x }}')).code).toBe('missing_value');
  });
});

test('a text of 4 KB with calls renders fast, and a plain one costs nothing', () => {
  const line = '{{ alert.name }} has keep.len({{ alert.tags }}) tags.\n';
  const prompt = compileTemplate(line.repeat(80), options);
  const started = performance.now();
  for (let round = 0; round < 200; round++) prompt.evaluate(scope);
  expect((performance.now() - started) / 200).toBeLessThan(5);
  expect(compileTemplate('plain text').calls).toEqual([]);
});

test.each([
  'keep.len(',
  'keep.len(1) ',
  'keep.len("',
  "keep.len('{{ a",
  'keep.len({{ a }}) ',
  '{{ keep.len( }} ',
  'keep.x({',
  'keep.',
])('60,000 characters of %j take linear time', (piece) => {
  const text = piece.repeat(Math.ceil(60_000 / piece.length));
  const started = performance.now();
  compileTemplate(text);
  compileTemplate(`${text} keep.len([1])`);
  compileTemplate(`${text}{{ x }}`);
  compileExpression(text);
  expect(performance.now() - started).toBeLessThan(5_000);
});
