import { describe, expect, test } from '@jest/globals';
import { compileTemplate } from '../../src/values/index.ts';
import { evaluate, failure, render } from './scope.ts';

const hostile = 'x","channel":"#oncall","y":"\\" \n\t😀';
const scope = {
  alert: {
    message: hostile,
    nothing: null,
    count: 70,
    flag: true,
    tags: ['a"b', 'c'],
    labels: { team: 'd"b' },
    json: '{"id": 9007199254740993}',
    broken: '1, "channel": "#oncall"',
  },
};
const parsed = (text: string) => JSON.parse(String(render(text, scope)));

describe('a tag within a JSON text is escaped by the place that it stands in', () => {
  test.each([
    ['in a string', '{"text": "{{ alert.message }}", "channel": "#low"}', { text: hostile, channel: '#low' }],
    ['in triple braces too', '{"text": "{{{ alert.message }}}"}', { text: hostile }],
    ['beside other text', '{"text": "\\"a\\": {{ alert.message }}; {{ alert.count }}"}', { text: `"a": ${hostile}; 70` }],
    ['as a key', '{"{{ alert.message }}": 1}', { [hostile]: 1 }],
    ['in a list', '[ "{{ alert.message }}", {{ alert.count }} ]', [hostile, 70]],
    ['in a list that begins with a tag', '[{{ alert.count }}, "{{ alert.message }}"]', [70, hostile]],
    ['in a list that begins with a number', '[1, 2, "{{ alert.message }}"]', [1, 2, hostile]],
    ['over several lines', '\n{\n  "text": "{{ alert.message }}",\n  "n": {{ alert.count }}\n}\n', { text: hostile, n: 70 }],
    ['a list or a map in a string', '{"t": "{{ alert.tags }} {{ alert.labels }}"}', { t: '["a\\"b","c"] {"team":"d\\"b"}' }],
    ['nothing in a string', '{"t": "{{ alert.nothing }}"}', { t: '' }],
    [
      'values outside of strings',
      '{"n": {{ alert.count }}, "b": {{ alert.flag }}, "l": {{ alert.labels }}, "z": {{ alert.nothing }}}',
      { n: 70, b: true, l: scope.alert.labels, z: null },
    ],
    [
      'text made JSON',
      '{"t": {{ json alert.message }}, "d": keep.json_dumps({{ alert.tags }})}',
      { t: hostile, d: scope.alert.tags },
    ],
    ['a call of Keep', "{\"t\": \"keep.replace('{{ alert.message }}', 'x', 'z')\"}", { t: hostile.replace('x', 'z') }],
    ['an expression', '{"t": "{{ alert.message + \'"\' }}"}', { t: `${hostile}"` }],
    [
      'in blocks',
      '{"l": [{{#each alert.tags}}"{{ this }}"{{#unless @last}},{{/unless}}{{/each}}], "m": "{{#if alert.message}}{{ alert.message }}{{/if}}"}',
      { l: scope.alert.tags, m: hostile },
    ],
    ['in a block around all of it', '{{#if alert.flag}}{"t": "{{ alert.message }}"}{{else}}{"u": 1}{{/if}}', { t: hostile }],
    ['in a block of text', '{"t": "{{#fn.upper}}{{ alert.message }}{{/fn.upper}}"}', { t: hostile.toUpperCase() }],
  ])('%s', (_, text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  test('in JSON within JSON, twice', () => {
    const { payload } = parsed('{"payload": "{\\"text\\": \\"{{ alert.message }}\\", \\"n\\": {{ alert.count }}}"}');
    expect(JSON.parse(payload)).toEqual({ text: hostile, n: 70 });
  });

  test.each([
    '{"t": "{{ alert.message }}" /* for people, who "read" it */}',
    '{"t": "{{ alert.message }}", // of the alert\n"n": 1}',
  ])('in JSON with comments: %s', (text) => {
    expect(render(text, scope)).toContain(`"t": ${JSON.stringify(hostile)}`);
  });

  test('in JSON lines, each', () => {
    const lines = String(render('{"a": "{{ alert.message }}"}\n{"b": {{ alert.count }}}\n', scope)).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([{ a: hostile }, { b: 70 }]);
  });

  test('in a quoted text of an expression', () => {
    expect(evaluate('keep.json_loads(\'{"t": "{{ alert.message }}"}\')', scope)).toEqual({ t: hostile });
    expect(evaluate('keep.dictget(\'{"t": {{ alert.tags }}}\', "t")', scope)).toEqual(scope.alert.tags);
  });
});

describe('outside of quotes', () => {
  test('a text that is JSON goes in as it is, digits included', () => {
    expect(render('{"a": {{ alert.json }}}', scope)).toBe('{"a": {"id": 9007199254740993}}');
  });

  test.each([
    '{"a": {{ alert.message }}}',
    '{"a": {{ alert.broken }}}',
    '{"a": {{{ alert.broken }}}}',
    '{"a": {{ default alert.nothing "" }}}',
  ])('one that is not fails: %s', (text) => {
    const error = failure(() => render(text, scope));
    expect(error).toMatchObject({ code: 'expression_failed', message: expect.stringContaining('text that is not JSON') });
    expect(error.hint).toContain('Put quotes around the tag');
  });
});

test.each([
  ['{"text": "{{ alert.message }}}', '{{ alert.message }}'],
  ['{"a": {{#if alert.flag}}"{{ alert.message }}{{else}}"{{ alert.json }}{{/if}}"}', '{{#if alert.flag}}'],
])('a JSON text with a string that is not closed is a mistake: %s', (text, place) => {
  const { problems } = compileTemplate(text);
  expect(problems.map(({ offset, length }) => text.slice(offset, offset + length))).toEqual([place]);
  expect(problems[0]?.hint).toContain('write a map instead of the JSON text');
});

describe('other text stays as it is', () => {
  test.each([
    ['{{ alert.message }}', hostile],
    ['{{ alert.message }} {"a": 1}', `${hostile} {"a": 1}`],
    ['payload: {"a": "{{ alert.message }}"}', `payload: {"a": "${hostile}"}`],
    ['[{{ alert.count }}] "{{ alert.message }}"', `[70] "${hostile}"`],
    ['{"severity": …} is the form. Alert: "{{ alert.message }}" }', `{"severity": …} is the form. Alert: "${hostile}" }`],
    ["{'text': '{{ alert.message }}'}", `{'text': '${hostile}'}`],
    ['{"text": "plain"}', '{"text": "plain"}'],
  ])('%s', (text, expected) => {
    expect(render(text, scope)).toBe(expected);
  });
});
