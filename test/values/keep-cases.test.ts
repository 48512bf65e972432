import { describe, expect, test } from '@jest/globals';
import { EVALUATION_CONTEXT, type EvaluationContext } from '../../src/plan/evaluation-context.ts';
import type { Json } from '../../src/shared/json/json.ts';
import { compileExpression, compileTemplate } from '../../src/values/index.ts';
import { evaluate, failure, render } from './scope.ts';

/** What Keep's own tests and example workflows ask of its templates, over data of our own. */

const evaluation: EvaluationContext = {
  now: () => Date.parse('2024-03-20T08:30:00Z'),
  alerts: { firingSince: () => Date.parse('2024-03-20T07:45:00Z'), previousFiring: () => undefined },
};
const scope = {
  alert: {
    fingerprint: 'fp-7',
    status: 'firing',
    severity: 's2',
    host: 'db-1',
    note: 'it\'s (not) "fine"\n:)',
    tags: { 'os.name': 'Linux', level: 'error' },
    exceptions: [
      { type: 'Error', stack: { lines: ['}, [a, b?.c, onPick]);', "say('x')"] } },
      { type: 'Panic', stack: { lines: [] } },
    ],
    due: '2024-08-16T14:21:00.000-0500',
    slack_timestamp: '',
    env: '  Production  ',
  },
  steps: {
    list: { results: [1, 2, 3] },
    nested: { results: [['x', 2], [4]] },
    text: { results: '[1, 2, 3]' },
    'get-pods': { results: [{ metadata: { name: 'p1' } }, { metadata: { name: 'p2' } }] },
    script: { results: { return_code: 0 } },
    tier: { results: { tier: 'enterprise' } },
    raw: { results: { body: 'id: x\nif: keep.len({{ alert.tags }}) > 0' } },
    said: { results: { greeting: 'Hello {{ alert.host }}, keep.uppercase(1)' } },
    table: { results: [['2024-03-20 07:00:00', 5]] },
  },
  consts: { severities: { s1: 'critical', s2: 'error' }, query: 'select %id%', payload: "[__import__('os').system('id')]" },
  foreach: { value: { lastReceived: '2024-03-20T07:00:00Z' } },
  [EVALUATION_CONTEXT]: evaluation,
};

interface Case {
  text: string;
  gives: Json;
  /** What Keep gives, where it is something else, and why ours is not that. */
  keep?: string;
}

const TEMPLATES: Case[] = [
  { text: 'plain', gives: 'plain' },
  { text: 'n = keep.len({{ steps.list.results }})', gives: 'n = 3' },
  { text: 'keep.len({{ steps.list.results }})', gives: 3, keep: '"3": there, a value is always text.' },
  { text: 'r keep.add(1, 2) keep.sub(3, 1) keep.mul(2, 2) keep.div(6, 2)', gives: 'r 3 2 4 3' },
  { text: 'r keep.mod(8, 3) keep.fdiv(8, 3) keep.exp(2, 3)', gives: 'r 2 2 8' },
  { text: 'r keep.eq(2, 2)', gives: 'r true', keep: '"r True": booleans are written as JSON has them.' },
  {
    text: "keep.is_business_hours('2024-03-20T10:00:00+02:00', 8, 20, (0, 1, 2, 3, 6), 'Asia/Jerusalem')",
    gives: true,
    keep: '"True"',
  },
  {
    text: "open: keep.is_business_hours(timezone='UTC', business_days=(0, 1, 2), time_to_check='{{ foreach.value.lastReceived }}')",
    gives: 'open: false',
    keep: '"open: False"',
  },
  { text: 'first keep.first({{ steps.list.results }})', gives: 'first 1' },
  { text: 'first keep.first(keep.first({{ steps.nested.results }}))', gives: 'first x' },
  { text: 'j keep.json_dumps({{ steps.list.results }})', gives: 'j [\n    1,\n    2,\n    3\n]' },
  { text: 'j keep.json_dumps({{ steps.text.results }})', gives: 'j [\n    1,\n    2,\n    3\n]' },
  { text: 'keep.json_dumps({{{ alert.tags }}})', gives: '{\n    "os.name": "Linux",\n    "level": "error"\n}' },
  {
    text: '{{#alert.exceptions}}*{{ type }}* keep.len({{{ stack.lines }}})\n{{/alert.exceptions}}{{^alert.exceptions}}none{{/alert.exceptions}}',
    gives: '*Error* 2\n*Panic* 0\n',
  },
  { text: "hello keep.uppercase('world')", gives: 'hello WORLD' },
  {
    text: "hours: keep.datetime_compare(keep.utcnow(), keep.to_utc('{{ steps.table.results[0][0] }}'))",
    gives: 'hours: 1.5',
  },
  {
    text: 'keep.datetime_compare(keep.utcnow(), keep.to_utc("{{ steps.table.results.0.0 }}"))',
    gives: 1.5,
    keep: '"1.5"',
  },
  { text: 'Pods:{{#steps.get-pods.results}} {{ metadata.name }}{{/steps.get-pods.results}}', gives: 'Pods: p1 p2' },
  { text: 'keep.len({{ steps.list.results }}))', gives: '3)', keep: 'An error: it counts the parentheses of the whole text.' },
  { text: 'Let us keep. moving :)', gives: 'Let us keep. moving :)', keep: 'An error, for the same reason.' },
  { text: 'keep.() is no call', gives: 'keep.() is no call' },
  { text: 'Two: keep.first([1]) and keep.last([2]).', gives: 'Two: 1 and 2.' },
  {
    text: "{{ alert.host }} is down for keep.get_firing_time('{{ alert }}', 'minutes') minutes.<br>",
    gives: 'db-1 is down for 45.00 minutes.<br>',
  },
  { text: '{{#alert.host}}{{.}}{{/alert.host}}{{^alert.host}}none{{/alert.host}}', gives: 'db-1' },
  { text: '{{#alert.nope}}{{.}}{{/alert.nope}}{{^alert.nope}}none{{/alert.nope}}', gives: 'none' },
  {
    text: 'keep.add_time_to_date("{{ alert.due }}", "%Y-%m-%dT%H:%M:%S.%f%z", "1w 2d 3h 30m")',
    gives: '2024-08-25T17:51:00.000-05:00',
    keep: '"2024-08-25 17:51:00-05:00": dates are written as ISO 8601.',
  },
  {
    text: '{{ steps.said.results.greeting }}!',
    gives: 'Hello {{ alert.host }}, keep.uppercase(1)!',
    keep: '"Hello db-1, 1!": it renders data again, and so whoever writes the data chooses what is read and run.',
  },
  { text: 'ts={{#fn.na}}{{ alert.nope }}{{/fn.na}}', gives: 'ts=N/A' },
  { text: 'ts={{#fn.na}}{{ alert.slack_timestamp }}{{/fn.na}}', gives: 'ts=N/A' },
  { text: 'url={{#fn.default}}{{ alert.nope.deeper }}{{/fn.default}}', gives: 'url=' },
  { text: '{{#fn.upper}}{{ alert.env }}{{/fn.upper}}', gives: '  PRODUCTION  ' },
  { text: '{{#fn.lower}}{{ alert.env }}{{/fn.lower}}', gives: '  production  ' },
  { text: '{{ #fn.strip }}{{ alert.env }}{{ /fn.strip }}', gives: 'Production' },
  { text: 'keep.len({{ consts.payload }})', gives: 31, keep: 'Runs it as Python, unless told not to; then "31".' },
  { text: 'keep.mul(keep.len({{ consts.payload }}), 1)', gives: 31, keep: 'The same.' },
  {
    text: 'raw_render_without_execution(My yaml is: {{ steps.raw.results.body }}!)',
    gives: 'My yaml is: id: x\nif: keep.len({{ alert.tags }}) > 0!',
  },
  { text: "keep.replace('{{consts.query}}', '%id%', '999') # a comment", gives: 'select 999 # a comment' },
  { text: "keep.dictget({{ consts.severities }}, '{{ alert.severity }}', 'info')", gives: 'error' },
  {
    text: "keep.json_loads('{{ alert.tags }}')",
    gives: scope.alert.tags,
    keep: 'The text as it was, where the data has an apostrophe.',
  },
  { text: 'keep.strip({{ alert.note }})', gives: scope.alert.note, keep: 'An error: quotes in the data end the argument.' },
  { text: "keep.split('{{ alert.note }}', ' ')", gives: ["it's", '(not)', '"fine"\n:)'], keep: 'An error, for the same reason.' },
];

describe('texts', () => {
  test.each(TEMPLATES.map((one) => [one.text, one] as const))('%s', (text, { gives }) => {
    expect(render(text, scope)).toEqual(gives);
  });
});

const truth = (value: Json) => Boolean(value);

/** Conditions, and whether they hold. */
const CONDITIONS: [condition: string, holds: boolean, keep?: string][] = [
  ['1 == 1', true],
  ['200 == 201', false],
  ['{{ steps.script.results.return_code }} == 0', true, 'False: a number is text there.'],
  ["'{{ alert.status }}' == 'firing'", true],
  ["{{ alert.status }} == 'firing'", true],
  ["'{{ steps.tier.results.tier }}' == 'enterprise'", true],
  ["{{ alert.severity }} in ['s1', 's2']", true],
  ["{{ alert.severity }} not in ('s1', 's3')", true],
  ["not '{{ alert.ticket_id }}'", true],
  ["not '{{ alert.slack_timestamp }}' or '{{alert.status}}' == 'resolved'", true],
  ["'{{ alert.slack_timestamp }}' and '{{ alert.status }}' == 'resolved'", false],
  ["not '{{ alert.ticket_id }}' and {{ alert.host }}", true],
  ["not '{{ alert.ticket_id }}' and {{ alert.annotations.ticket_type }}", false],
  ['{{ alert.host and alert.fingerprint }}', true, 'An error: expressions do not go into braces there.'],
  ["{{ alert.severity == 's1' and alert.nope and alert.host }}", false, 'An error, for the same reason.'],
  ['keep.len( {{ alert.nope }} ) or keep.len( {{ steps.list.results }} )', true],
  ['keep.len( {{ alert.nope }} ) or keep.len( {{ alert.neither }} )', false],
  ['keep.len({{ steps.get-pods.results }}) > 0', true],
  ["keep.get_firing_time('{{ alert }}', 'minutes') >= 30 and keep.get_firing_time('{{ alert }}', 'minutes') < 90", true],
  ["keep.get_firing_time('{{ alert }}', 'minutes') > 15  and not keep.get_firing_time('{{ alert }}', 'minutes') < 30", true],
  ["keep.is_first_time('{{ alert.fingerprint }}', '24h')", true],
  ["keep.is_first_time(alert.fingerprint, '24h')", true, 'An error, although its documentation has this form.'],
  ["keep.is_business_hours(timezone='America/New_York')", false],
  ["keep.to_timestamp('{{ foreach.value.lastReceived }}') < keep.utcnowtimestamp() - 3600", true],
  ['keep.datetime_compare(keep.utcnow(), keep.to_utc({{ steps.table.results[0][0] }})) > 1', true],
  ["'{{ alert.note }}' == 'x'", false, 'The step is skipped without a word, since the data has a quote.'],
  ["'Production' in '{{ alert.env }}'", true],
  ['10 < {{ steps.table.results[0][1] }} <= 20', false],
  ['0 < {{ steps.table.results[0][1] }} <= 20', true],
  ["'{{ alert.status }}'.upper().startswith('FIR')", true],
  ["str({{ steps.list.results[-1] }}) == '3' and int('4') > float('3.5')", true],
  ["{{ consts.severities }}.get('s9', 'info') == 'info'", true],
  ["('yes' if {{ alert.nope }} else 'no') == 'no'", true],
  ['len({{ steps.list.results }}) == 3 if {{ steps.list.results }} else False', true],
];

describe('conditions', () => {
  test.each(CONDITIONS)('%s: %s', (condition, holds) => {
    expect(truth(evaluate(condition, scope))).toBe(holds);
  });

  test("Python's words and CEL's signs ask the same, and give the side that decided", () => {
    expect(evaluate("{{ alert.nope }} or 'none'", scope)).toBe('none');
    expect(evaluate('alert.host or 1', scope)).toBe('db-1');
    expect(evaluate('alert.host and 1', scope)).toBe(1);
    expect(evaluate("'false' or 'x'", scope)).toBe('x');
    expect(evaluate("not 'False' and not {} and not []", scope)).toBe(true);
    expect(evaluate('alert.host || false', scope)).toBe('db-1');
    expect(evaluate('{{ alert.host }} && {{ alert.status }} == "firing"', scope)).toBe(true);
    expect(evaluate('!alert.host', scope)).toBe(false);
    expect(evaluate("!'{{ alert.ticket_id }}'", scope)).toBe(true);
    expect(evaluate('alert.nope ? 1 : 2', scope)).toBe(2);
  });

  test('where booleans are wanted, other values are refused, however `and` is spelled', () => {
    for (const and of ['and', '&&']) {
      const filter = compileExpression(`name ${and} severity == 'critical'`, { isField: () => true, wantsBooleans: true });
      expect(failure(() => filter.evaluate({ name: 'x', severity: 'critical' })).message).toContain('`name` is text');
    }
  });
});

describe('what is a mistake there is found before anything runs', () => {
  test.each([
    ['an {{ unmatched brace', 'never closed'],
    ['Calling keep.nonexistent_function()', 'There is no function `keep.nonexistent_function`'],
    ['keep.lenght({{ steps.list.results }})', 'Did you mean `keep.len`?'],
    ['keep.first(keep.len({{ steps.list.results }}, 1)', 'never closed'],
    ["keep.split('some 'quotes' in it', ',')", '`quotes` stands where'],
    ['keep.len([1], [2])', 'takes 0 to 1 arguments, not 2'],
    ["keep.join([1], delimeter='-')", 'Did you mean `delimiter`?'],
    ["keep.join([1], ',', delimiter='-')", 'twice'],
    ["keep.replace('a', new='b')", 'needs its argument `old`'],
  ])('%s', (text, said) => {
    const [problem] = compileTemplate(text).problems;
    expect(`${problem?.message} ${problem?.hint ?? ''}`).toContain(said);
  });
});
