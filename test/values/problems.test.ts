import { describe, expect, test } from '@jest/globals';
import { compileExpression, compileTemplate } from '../../src/values/index.ts';
import { failure, options, scope } from './scope.ts';

type Row = [text: string, code: string, marked: string, said: string];

const problemsIn = (text: string, compile: typeof compileTemplate) =>
  compile(text, options).problems.map(({ code, message, hint, offset, length }) => ({
    code,
    marked: text.slice(offset, offset + length),
    said: `${message} ${hint ?? ''}`,
  }));

describe('mistakes in templates', () => {
  test.each<Row>([
    ['a {{ alert.name', 'template', '{{', 'never closed'],
    ['{{ alert.name } {{ alert.count }}', 'template', '{{', 'never closed'],
    ['a {{ }} b', 'template', '{{ }}', 'empty'],
    ['{{> card }}', 'template', '{{> card }}', 'no partials'],
    ['{{#> card }}x{{/card}}', 'template', '{{#> card }}', 'no partials'],
    ['{{{{raw}}}} {{x}} {{{{/raw}}}}', 'template', '{{{{raw}}}}', 'no raw blocks'],
    ['{{#each alert.tags as |tag, i|}}x{{/each}}', 'template', '{{#each alert.tags as |tag, i|}}', 'with a space between'],
    ['{{#each alert.tags as |true|}}x{{/each}}', 'template', '{{#each alert.tags as |true|}}', 'names'],
    ['{{#if alert.x}}1{{else if}}2{{/if}}', 'template', '{{else if}}', 'does not say'],
    ['{{#fn.na}}{{ alert.x }}{{else}}-{{/fn.na}}', 'template', '{{#fn.na}}', 'no `else`'],
    ['x {{#if alert.x}} y', 'template', '{{#if alert.x}}', 'Write {{/if}}.'],
    ['{{#if}}x{{/if}}', 'template', '{{#if}}', 'does not say'],
    ['{{#if alert.x}}y{{/each}}', 'template', '{{/each}}', '`if` is open'],
    ['y{{/if}}', 'template', '{{/if}}', 'never opened'],
    ['{{else}}', 'template', '{{else}}', 'no block'],
    ['{{#if a}}{{else}}{{else}}{{/if}}', 'template', '{{else}}', 'already'],
    ['{{#eac alert.tags}}{{/eac}}', 'template', 'eac', 'Did you mean `each`?'],
    ['{{#fn.nope}}{{ alert.x }}{{/fn.nope}}', 'function', '{{#fn.nope}}', 'fn.na, fn.default'],
    ['{{ fist alert.tags }}', 'template', 'fist', 'Did you mean `first`?'],
    ['{{ truncate alert.name }}', 'template', 'truncate alert.name', 'truncate text n'],
    ['{{ json alert.name pretty=true }}', 'template', 'json alert.name pretty=true', 'no option `pretty`'],
    ['{{ this }}', 'template', 'this', 'item of a block'],
    ['{{ @index }}', 'template', '@index', 'inside of {{#each}}'],
    ['{{ @root }}', 'template', '@root', 'item of a block'],
    ['{{ alert. }}', 'expression', ' ', 'ends'],
    ['{{ alert.x = 1 }}', 'expression', '=', '`==`'],
    ['x {{ foo(1) }}', 'function', 'foo', 'no function `foo`'],
    ['x {{ keep.frobnicate(alert.x) }}', 'function', 'keep.frobnicate', 'There is no function'],
    ['x keep.lenn({{ alert.tags }})', 'function', 'keep.lenn', 'Did you mean `keep.len`?'],
    ['x keep.len({{ alert.tags }}', 'function', 'keep.len', 'Write `)`'],
    ['{{ alert.x | default("a") }}', 'jinja', '| default("a")', 'Write {{ default alert.x "a" }}.'],
    ['{{ alert.x|upper }}', 'jinja', '|upper', 'Write {{ upper alert.x }}.'],
    ["{{ alert.x | join(', ') }}", 'jinja', "| join(', ')", 'Write {{ join alert.x ", " }}.'],
    ['{{ alert.x | tojson }}', 'jinja', '| tojson', 'Write {{ json alert.x }}.'],
    ['{% if alert.x %}', 'jinja', '{% if alert.x %}', 'Write {{#if alert.x}}'],
    ['a {%- for x in alert.tags -%}', 'jinja', '{%- for x in alert.tags -%}', '{{#each alert.tags as |x|}}'],
    ['{% endif %}', 'jinja', '{% endif %}', '{{/if}}'],
    ['{# note #}', 'jinja', '{# note #}', '{{! … }}'],
  ])('%s', (text, code, marked, said) => {
    expect(problemsIn(text, compileTemplate)).toContainEqual({ code, marked, said: expect.stringContaining(said) });
  });

  test('are all reported, in the order of the text', () => {
    const found = problemsIn('{{ foo(1) }} {% if x %} {{ alert.x | upper }} {{ }} keep.lenn(1) {{/if}}', compileTemplate);
    expect(found.map(({ code }) => code)).toEqual(['function', 'jinja', 'jinja', 'template', 'function', 'template']);
  });

  test.each([
    '{{ alert.count > 3 || alert.firing }}',
    '{{#each alert.tags as |x|}}{{ x }}{{/each}}',
    '{{ default alert.x "a | b" }}',
    'a | b {% c',
    'https://keep.example/x(1) and my.keep.len(2)',
    '\\{{ x | y }}',
    'css { a:{#fff} }',
  ])('%s is none', (text) => {
    expect(problemsIn(text, compileTemplate)).toEqual([]);
  });
});

describe('mistakes in expressions', () => {
  test.each<Row>([
    ['', 'expression', '', 'ends'],
    ['1 +', 'expression', '', 'ends where a value'],
    ['(1', 'expression', '', '`)`'],
    ['1 2', 'expression', '2', 'an operator'],
    ['alert.x = 3', 'expression', '=', '`==`'],
    ['a & b', 'expression', '&', '`&&`'],
    ['alert.tags | length', 'jinja', '|', 'size(x)'],
    ['"abc', 'expression', '"', 'not closed'],
    ['"\\q"', 'expression', '\\q', 'raw string'],
    ['{{ alert.x == 1', 'expression', '{{', 'never closed'],
    ['sise(alert.tags)', 'function', 'sise', 'Did you mean `size`?'],
    ['alert.name.startWith("x")', 'function', 'startWith', 'Did you mean `startsWith`?'],
    ['contains(alert.name, "x")', 'function', 'contains', '`x.contains(…)`'],
    ['keep.is_busines_hours()', 'function', 'keep.is_busines_hours', 'keep.is_business_hours'],
    ['size()', 'function', 'size()', 'takes 1 argument'],
    ['alert.name.matches("(")', 'expression', '"("', 'Invalid regular expression'],
    ['has(1)', 'expression', 'has(1)', 'one path'],
    ['alert.tags.map(x)', 'expression', 'alert.tags.map(x)', 'list.map(x, …)'],
    ["'{{#if alert.x}}'", 'template', '#if alert.x', 'no place'],
  ])('%s', (text, code, marked, said) => {
    expect(problemsIn(text, compileExpression)).toContainEqual({ code, marked, said: expect.stringContaining(said) });
  });

  test('keep a wrong value from being used', () => {
    expect(failure(() => compileExpression('1 +').evaluate(scope)).code).toBe('internal');
    expect(failure(() => compileTemplate('{{ }}').evaluate(scope)).code).toBe('internal');
  });
});
