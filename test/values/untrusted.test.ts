import { describe, expect, test } from '@jest/globals';
import { EVALUATION_CONTEXT } from '../../src/plan/evaluation-context.ts';
import { compileExpression, compileTemplate, keepFunctions } from '../../src/values/index.ts';
import { fc } from '../support/properties.ts';
import { evaluate, render } from './scope.ts';

const NASTY = [
  '{{ secrets.KEY }}',
  '{{',
  '}}',
  "'",
  '"',
  '\\',
  '\n',
  '{% if %}',
  'keep.len(1)',
  '__proto__',
  "' == '1' or '1",
  '$&',
  '$1',
  '~',
];
const nastyText = fc
  .array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...NASTY)), { maxLength: 6 })
  .map((parts) => parts.join(''));
const scopeWith = (text: string) => ({ alert: { text, list: [text], map: { [`k${text}`]: text } }, secrets: { KEY: 'hidden' } });

describe('what an alert says is data, whatever it says', () => {
  test('in templates', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        const scope = scopeWith(text);
        expect(render('<{{ alert.text }}>', scope)).toBe(`<${text}>`);
        expect(render('{{ alert.text }}', scope)).toBe(text);
        expect(render('{{#each alert.list}}{{ this }}{{/each}}', scope)).toBe(text);
        expect(render('{{#each alert.map}}{{ @key }}={{ this }}{{/each}}', scope)).toBe(`k${text}=${text}`);
        expect(render('{{#with alert}}{{~ text ~}}{{/with}}', scope)).toBe(text);
        expect(render('-{{ json alert.text }}', scope)).toBe(`-${JSON.stringify(text)}`);
        expect(render('-{{ default alert.none alert.text }}', scope)).toBe(`-${text}`);
        expect(render("-{{ 'a' + alert.text }}", scope)).toBe(`-a${text}`);
        expect(render('{{ replace "x" "x" alert.text }}', scope)).toBe(text);
      }),
    );
  });

  test('in conditions', () => {
    fc.assert(
      fc.property(nastyText, nastyText, (text, other) => {
        const scope = { ...scopeWith(text), other };
        expect(evaluate("'{{ alert.text }}' == other", scope)).toBe(text === other);
        expect(evaluate('{{ alert.text }} == alert.list[0]', scope)).toBe(true);
        expect(evaluate("'{{ alert.text }}!' == alert.text + '!'", scope)).toBe(true);
        expect(evaluate("'{{ alert.text }}' == 'critical'", scope)).toBe(text === 'critical');
        expect(evaluate('alert.text in alert.list && alert.list.contains(alert.text)', scope)).toBe(true);
        expect(evaluate(`alert.text == ${JSON.stringify(other).replaceAll('{', '\\u007b')}`, scope)).toBe(text === other);
      }),
    );
  });

  test('in calls of Keep, with braces or without, in quotes or not', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        const scope = scopeWith(text);
        expect(render('<keep.slice({{ alert.text }}, 0)>', scope)).toBe(`<${text}>`);
        expect(render("keep.slice('{{ alert.text }}', 0)", scope)).toBe(text);
        expect(render('keep.slice("{{ alert.text }}!", 0)', scope)).toBe(`${text}!`);
        expect(render('{{ keep.slice(alert.text, 0) }}', scope)).toBe(text);
        expect(render('keep.first({{ alert.list }}) keep.first({{ alert.list }})', scope)).toBe(`${text} ${text}`);
        expect(render("keep.dictget({{ alert.map }}, 'k{{ alert.text }}')", scope)).toBe(text);
        expect(render("keep.json_loads(keep.json_dumps('{{ alert.map }}'))", scope)).toEqual(scope.alert.map);
        expect(render('{{#fn.default}}{{ alert.text }}{{/fn.default}}', scope)).toBe(text);
        expect(render('raw_render_without_execution({{ alert.text }})', scope)).toBe(text);
        expect(evaluate("keep.eq('{{ alert.text }}', alert.list[0])", scope)).toBe(true);
        expect(evaluate("not '{{ alert.text }}' or keep.len({{ alert.list }}) == 1", scope)).toBe(true);
      }),
    );
  });

  test('a key of a map literal that is __proto__ is only a key', () => {
    expect(Object.getPrototypeOf(evaluate('{"__proto__": {"a": 1}}'))).toBe(Object.prototype);
  });
});

test('the longest and deepest expressions that are accepted can be evaluated', () => {
  expect(evaluate(`1${'+1'.repeat(499)}`)).toBe(500);
  expect(compileExpression(`1${'+1'.repeat(600)}`).problems).toMatchObject([{ message: 'This expression is too long.' }]);
  expect(evaluate(`99 in [${'1, '.repeat(1_500)}99]`)).toBe(true);
  expect(evaluate(`${'('.repeat(98)}1${')'.repeat(98)}`)).toBe(1);
  expect(evaluate(`true${' && true'.repeat(499)}`)).toBe(true);
  expect(render(`${'{{#if a.b}}'.repeat(99)}x${'{{/if}}'.repeat(99)}`, { a: { b: 1 } })).toBe('x');
});

describe('data that is made to keep a function busy', () => {
  const LONG = ['"', '"\\"', '[', '{"a":', '\\', ' ', '1', '1w', '1d ', '2024-', '%', '\ud800', "'", '{{', 'a,'];

  test.each(LONG)('200,000 characters of %j are dealt with in linear time', (piece) => {
    const text = piece.repeat(Math.ceil(60_000 / piece.length));
    const scope = { x: text, [EVALUATION_CONTEXT]: { now: () => 0, alerts: { firingSince: () => 0, previousFiring: () => 0 } } };
    const started = performance.now();
    for (const { name, minArity, maxArity, parameters = [] } of keepFunctions) {
      for (let count = minArity; count <= Math.min(maxArity, Math.max(minArity, parameters.length)); count++) {
        const call = `${name}(${Array.from({ length: count }, () => 'x').join(', ')})`;
        try {
          evaluate(call, scope);
        } catch (error) {
          expect(error).toMatchObject({ code: 'expression_failed' });
        }
      }
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('any text compiles to something', () => {
  const PIECES = [
    ...NASTY,
    '{{#if ',
    '{{/if}}',
    '{{else}}',
    '{{#each ',
    ' as |x|',
    '{{!--',
    '--}}',
    '{{{',
    '}}}',
    '{{^',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
  ];
  const WORDS = [
    'alert',
    '.',
    'x',
    ' ',
    ' ? ',
    ':',
    '==',
    '&&',
    'not ',
    ' in ',
    ',',
    '1',
    '0.5',
    '-',
    '.map(',
    'default ',
    '@index',
    '../',
    '|',
    'is ',
  ];
  const anyText = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.constantFrom(...WORDS), fc.string()), { maxLength: 30 });

  test('or to problems within the text, without throwing', () => {
    fc.assert(
      fc.property(anyText, (parts) => {
        const text = parts.join('');
        for (const compile of [compileTemplate, compileExpression]) {
          const { problems, references } = compile(text);
          for (const place of [...problems, ...references]) {
            expect(place.offset).toBeGreaterThanOrEqual(0);
            expect(place.offset).toBeLessThanOrEqual(text.length);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ...[
      '{{',
      '}}',
      '{{{',
      '{{ ',
      '{{ a',
      '{{ a }} ',
      "{{ ' }} ",
      '{{ " \' }} ',
      "{{ '\\' }} ",
      '{{#if a}}',
      '{{#if a}}{{else if b}}',
      '{{/if}}',
      '{{!--',
      '{{!-- --',
    ],
    ...[
      '{{!',
      '{% ',
      '{# ',
      '{%%}',
      'keep.',
      'keep.a(',
      '\\{{',
      ' ',
      '\n',
      '\n {{#if a}}\n{{/if}}',
      '((',
      '[',
      '{',
      '!',
      '-',
      'not ',
      '1+',
      'a.',
      'a[',
      '"{{',
      "'{{a}}",
    ],
    ...[
      'a?b:',
      'a ? ',
      '{{ a | b }}',
      '{{ (',
      '{{ upper (',
      '../',
      'a as |',
      '~',
      '{{~',
      '\\',
      '"\\',
      "r'",
      "'''",
      '{{ a.[',
      '//',
      '{a:',
      'has(',
      'a.map(x,',
    ],
  ])('60,000 characters of %j take linear time', (piece) => {
    const text = piece.repeat(Math.ceil(60_000 / piece.length));
    const started = performance.now();
    compileTemplate(text);
    compileTemplate(`{{ ${text} }}`);
    compileTemplate(`${text}}}`);
    compileExpression(text);
    compileExpression(`"${text}"`);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
