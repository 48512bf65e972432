import { describe, expect, test } from '@jest/globals';
import { isObject, type Json, parseJson, toJson } from 'threadline/provider';
import { fc } from '../../../test/support/properties.ts';
import { findJson } from './find-json.ts';

const asked = { wantsJson: true, validate: () => [] };
const unasked = { wantsJson: false, validate: () => [] };
const fence = (text: string, language = 'json') => `\`\`\`${language}\n${text}\n\`\`\``;
const high = { severity: 'high' };
const HIGH = '{"severity":"high"}';

describe('O1: JSON is found in', () => {
  test.each<[string, string, Json, string]>([
    ['an object', HIGH, high, 'json'],
    ['an object on lines of its own', '\n\n  {\n "severity" : "high"\n}\n', high, 'json'],
    ['a list', '[1, 2]', [1, 2], 'json'],
    ['an empty list', '[]', [], 'json'],
    ['nulls', '{"a":null,"b":[null]}', { a: null, b: [null] }, 'json'],
    ['double-encoded text', JSON.stringify(HIGH), high, 'json'],
    ['text with a byte order mark', `\uFEFF${HIGH}`, high, 'json'],
    ['a fence', fence(HIGH), high, 'fence'],
    ['a fence without a language', fence(HIGH, ''), high, 'fence'],
    ['a fence in capitals', fence(HIGH, 'JSON'), high, 'fence'],
    ['a fence on one line', `\`\`\`json ${HIGH}\`\`\``, high, 'fence'],
    ['a fence with Windows lines', `\`\`\`json\r\n${HIGH}\r\n\`\`\``, high, 'fence'],
    ['a fence amid prose', `Here it is:\n${fence(HIGH)}\nAnything else?`, high, 'fence'],
    ['a fence after another of code', `Run\n${fence('ls {a,b}', 'sh')}\nthen\n${fence(HIGH)}`, high, 'fence'],
    ['a fence with a fence in its text', fence('{"fix":"```sh\\nls\\n```"}'), { fix: '```sh\nls\n```' }, 'span'],
    ['prose', `Sure! ${HIGH} Anything else?`, high, 'span'],
    ['prose with {placeholders}', `I filled {severity} and {{ alert.name }} in: ${HIGH}`, high, 'span'],
    ['prose with a bracket that never closes', `:-{ so ${HIGH} it is`, high, 'span'],
    ['prose with footnotes', `As said [1], [2]: ${HIGH} [3]`, high, 'span'],
    ['log lines', `${'[INFO] ok\n'.repeat(50)}${HIGH}`, high, 'span'],
    ['tags', `<answer>${HIGH}</answer>`, high, 'span'],
    ['text with zero-width characters', `\u200B${HIGH}`, high, 'span'],
    ['brackets in strings', 'So: {"a":"}{][","b":"\\"}"}', { a: '}{][', b: '"}' }, 'span'],
    ['a fence of tildes', `~~~json\n${HIGH}\n~~~`, high, 'span'],
    [
      'a fence of four ticks around one of three',
      `\`${fence('{"fix":"```sh\\nls\\n```"}')}\``,
      { fix: '```sh\nls\n```' },
      'span',
    ],
    ['a fence with a title', fence(HIGH, 'json title="a.json"'), high, 'span'],
    [
      'a fence in an item of a list',
      `1. It is\n   ${fence('{"severity":\n    "high"}').replaceAll('\n', '\n   ')}\n2. Done`,
      high,
      'fence',
    ],
    ['a fence that quotes one without line breaks', fence('{"fix":"run ```ls``` now"}'), { fix: 'run ```ls``` now' }, 'span'],
    ['a fence with double-encoded text', fence(JSON.stringify(HIGH)), high, 'fence'],
    ['ticks', `It is \`${HIGH}\`.`, high, 'span'],
    ['a table', `| a | b |\n|---|---|\n| x | ${HIGH} |`, high, 'span'],
    ['an item of a list', `- ${HIGH}`, high, 'span'],
    ['prose with quotes that are not closed', `The 5" disk says "{ no" in {5" bay}: ${HIGH}`, high, 'span'],
    ['an answer with a bracket too many', `${HIGH}}`, high, 'span'],
    ['a template, filled in or not', '{"host":"{host}","a":"{{ b }}"}', { host: '{host}', a: '{{ b }}' }, 'json'],
    ['lines of objects with the same keys', '{"a":1}\n{"a":2}\n\n{"a":3}\n', [{ a: 1 }, { a: 2 }, { a: 3 }], 'span'],
    ['a fence of such lines', fence('{"a":1}\n{"a":2}', 'jsonl'), [{ a: 1 }, { a: 2 }], 'fence'],
    ['a list of such items', '- {"a":1},\n- {"a":2}', [{ a: 1 }, { a: 2 }], 'span'],
    ['an object that is said twice', `${HIGH}\n${HIGH}`, high, 'span'],
    ['a draft and a later answer with the same keys', `First: {"severity":"medium"}. No: ${HIGH}`, high, 'span'],
    ['two fences, a draft and an answer', `${fence('{"severity":"medium"}')}\nBetter:\n${fence(HIGH)}`, high, 'fence'],
    ['two objects, the one that says more', '{"a":1}\n{"a":1,"b":2}', { a: 1, b: 2 }, 'span'],
    ['a list of objects', 'Both: [{"a":1},{"a":2}].', [{ a: 1 }, { a: 2 }], 'span'],
    ['what follows thoughts', `<think>maybe {"severity":"low"}</think>${HIGH}`, high, 'json'],
    ['what follows thoughts without a beginning', `maybe {"severity":"low"}</think>\n${HIGH}`, high, 'json'],
    ['what follows long thoughts', `<thinking>a</thinking>So <THINKING>{"b":1}</THINKING>${fence(HIGH)}`, high, 'fence'],
    ['what precedes thoughts', `${HIGH}<think>was that right?</think>`, high, 'json'],
    ['a string that speaks of thoughts', '{"tag":"</think>"}', { tag: '</think>' }, 'json'],
  ])('%s', async (_, text, value, how) => {
    expect(await findJson(text, asked)).toEqual({ ok: true, value, how });
    expect(await findJson(text, unasked)).toEqual({ ok: true, value, how });
  });

  test.each<[string, string, Json]>([
    ['single quotes', "{'severity': 'high'}", high],
    ['typographic quotes', '{“severity”: “high”}', high],
    ['no quotes', '{severity: high}', high],
    ["Python's words", '{"a": True, "b": None}', { a: true, b: null }],
    ['a comma too many', '{"severity": "high",}', high],
    ['a comma too few', '{"a": 1 "b": 2}', { a: 1, b: 2 }],
    ['comments', '{"severity": "high" // really\n}', high],
    ['raw line breaks in text', '{"a": "one\ntwo"}', { a: 'one\ntwo' }],
    ['a cut in a text', '{"severity": "high", "reason": "disk is fu', { ...high, reason: 'disk is fu' }],
    ['a cut in a list', '{"hosts": ["a", "b"', { hosts: ['a', 'b'] }],
    ['a cut in a fence', '```json\n{"severity": "high"', high],
    ['a cut after prose', 'Here it is: {"severity": "high", "n": [{"a": 1}, {"a": 2}', { ...high, n: [{ a: 1 }, { a: 2 }] }],
    ['mistakes in a fence amid prose', `Here:\n${fence("{'severity': 'high'}")}\nDone.`, high],
    ['mistakes in a span amid prose', "So {'severity': 'high', 'hosts': ['a']} it is", { ...high, hosts: ['a'] }],
    ['an ellipsis', '{"n": [1, 2, ...]}', { n: [1, 2] }],
    ['a cut in a list of lists', '[[1,2],[3', [[1, 2], [3]]],
    ['a cut in a list of nothing', '[{}', [{}]],
    ['a cut behind a key', '{"severity":"high","reason":', { ...high, reason: null }],
    ['a mark of order', '\uFEFF{\u200B"severity":"high"}', high],
  ])('text with %s, when it was asked for', async (_, text, value) => {
    expect(await findJson(text, asked)).toEqual({ ok: true, value, how: 'repaired' });
  });

  test.each<[string, string, Json]>([
    ['a list of numbers', 'They are [1, 2, 3].', [1, 2, 3]],
    ['an empty object', 'Nothing: {}', {}],
    ['a block that calls itself JavaScript', `${fence(HIGH, 'javascript')}`, high],
  ])('prose with %s, when it was asked for', async (_, text, value) => {
    expect(await findJson(text, asked)).toMatchObject({ ok: true, value });
    expect(await findJson(text, unasked)).toMatchObject({ ok: false });
  });
});

describe('O1: prose is never taken for JSON', () => {
  test.each([
    ['a sentence', 'The disk is full.'],
    ['nothing', ''],
    ['a number', '42'],
    ['a word', 'true'],
    ['null', 'null'],
    ['a text in quotes', '"The disk is full."'],
    ['a number in quotes', '"42"'],
    ['a footnote', 'See the runbook [1] and [2, 3].'],
    ['an open task', '- [ ] restart\n- [x] page'],
    ['a link', '[the runbook](https://runbooks.example) says'],
    ['a placeholder', 'Put {name} and {{ alert.host }} and $HOME{x} there.'],
    ['a placeholder alone', '{name}'],
    ['a template alone', '{{ alert.name }}'],
    ['an empty object', 'Send `{}` or [] to it.'],
    ['a log line', '[INFO] disk: 97%'],
    ['a note', '[Note: the host is down] I would wait.'],
    ['a bracketed remark', '{note: this is no data} and so on'],
    ['an interval', 'between [0, 1] and [1, 2]'],
    ['words in brackets', '["db-1", "db-2"] are down'],
    ['a shell', "Run `awk '{print $1}' file` and `rm -rf {a,b}`"],
    ['a shell block', fence('echo {a,b} && cat <<< {"a":1}', 'sh')],
    ['CSS', fence('.a { color: red }', 'css')],
    ['Python', fence("config = {'debug': True}", 'python')],
    ['Go', fence('m := map[string]int{"a": 1}', 'go')],
    ['YAML', fence('a: {b: 1}', 'yaml')],
    ['a block that was cut', `Do this:\n\`\`\`python\nx = {"a": 1}`],
    ['a dictionary in a sentence', "The setting is {'debug': True}, which is wrong."],
    ['a set', 'The set {1, 2, 3} is finite.'],
    ['the data of a command', `Run curl -d '{"a":1}' https://x.example`],
    ['the argument of a function', 'Call lookup({"host":"a"}) first.'],
    ['a map in Go', 'It is map[string]int{"a": 1}.'],
    ['a query of metrics', 'rate(http_requests_total{status=~"5.."}[5m]) > 3'],
    ['a query of logs', '{app="db"} |= "error"'],
    ['a path in a cluster', "kubectl get pods -o jsonpath='{.items[*].metadata.name}'"],
    ['YAML', 'severity: high\nhosts: [a, b]\nowner: {team: db}'],
    ['a table', '| severity | host |\n|---|---|\n| high | db-1 |'],
    ['an error of Node', "at a (/b.js:1:2) {\n  code: 'ENOENT'\n}"],
  ])('%s', async (_, text) => {
    expect(await findJson(text, unasked)).toMatchObject({ ok: false });
  });

  test('whatever it says, without brackets', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 300 }), async (text) => {
        const prose = text.replaceAll(/[[\]{}]/g, '');
        expect(await findJson(prose, asked)).toMatchObject({ ok: false });
        expect(await findJson(prose, unasked)).toMatchObject({ ok: false });
      }),
      { numRuns: 500 },
    ));
});

test('O1: whatever is serialised is read again, bare, fenced and in prose', () =>
  fc.assert(
    fc.asyncProperty(fc.dictionary(fc.stringMatching(/^k\w{0,5}$/), fc.jsonValue(), { minKeys: 1 }), async (object) => {
      const text = JSON.stringify(object);
      const value = toJson(parseJson(text));
      // A text inside may look like the end of a fence or of thoughts, which only the whole answer is safe from.
      const frames = /`|think/.test(text) ? [text] : [text, fence(text), `So: ${text} it is.`];
      for (const frame of frames) expect(await findJson(frame, asked)).toMatchObject({ ok: true, value });
    }),
  ));

test('what is cut is never taken for whole: it is repaired where it was asked for, and text otherwise', () =>
  fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.dictionary(fc.stringMatching(/^k\w{0,5}$/), fc.jsonValue(), { minKeys: 1 }),
        fc.array(fc.jsonValue(), { minLength: 1 }),
      ),
      fc.constantFrom('', 'Here it is: ', 'So:\n```json\n'),
      async (data, lead) => {
        const text = JSON.stringify(data);
        if (/`|<|>/.test(text)) return;
        for (let end = 1; end < text.length; end++) {
          const cut = lead + text.slice(0, end);
          expect(await findJson(cut, unasked)).toMatchObject({ ok: false });
          const found = await findJson(cut, asked);
          if (found.ok) expect({ cut, how: found.how }).toEqual({ cut, how: 'repaired' });
        }
      },
    ),
    { numRuns: 50 },
  ));

test('of several values the one that fits is taken', async () => {
  const wish = { wantsJson: true, validate: (value: Json) => (isObject(value) && 'severity' in value ? [] : ['no']) };
  const echo = '{"alert":{"name":"disk","host":"db-1","value":97}}';
  expect(await findJson(`For ${echo} I say ${HIGH}`, wish)).toMatchObject({ value: high });
  expect(await findJson(`${fence(echo)} gives ${fence(HIGH)}`, wish)).toMatchObject({ value: high });
  expect(await findJson(`${HIGH}\n{"severity":"low"}`, wish)).toMatchObject({ value: { severity: 'low' } });
  expect(await findJson(`{'host': 'db-1',} then {'severity': 'high',}`, wish)).toMatchObject({ value: high });
});

test.each(['{"__proto__": {"admin": true}, "a": 1}', "{'__proto__': {'admin': True}, 'a': 1}"])(
  'no key reaches a prototype: %s',
  async (text) => {
    const found = await findJson(text, asked);
    expect(found).toMatchObject({ ok: true, value: { a: 1 } });
    expect(JSON.stringify(found)).not.toContain('admin');
  },
);

const MEGABYTE = 1_000_000;

test.each([
  ['opening braces', '{'.repeat(MEGABYTE)],
  ['opening brackets', '['.repeat(MEGABYTE)],
  ['nested lists', '['.repeat(MEGABYTE / 2) + ']'.repeat(MEGABYTE / 2)],
  ['thoughts', '<think>'.repeat(MEGABYTE / 7)],
  ['ends of thoughts', '</think>'.repeat(MEGABYTE / 8)],
  ['fences', '```'.repeat(MEGABYTE / 3)],
  ['opened fences', '```json\n'.repeat(MEGABYTE / 8)],
  ['quotes', '{"'.repeat(MEGABYTE / 2)],
  ['keys', '{"a":'.repeat(MEGABYTE / 5)],
  ['placeholders', '{name} '.repeat(MEGABYTE / 7)],
  ['spaces after a brace', `{${' '.repeat(MEGABYTE)}x`],
  ['letters after a brace', `{${'x'.repeat(MEGABYTE)}`],
  ['backslashes', `{"${'\\'.repeat(MEGABYTE)}`],
  ['numbers', `{"a": [${'1 '.repeat(MEGABYTE / 2 - 10)}`],
  ['comments', `{${'/* x */'.repeat(MEGABYTE / 7)}`],
  ['records', '{"a":1}\n'.repeat(MEGABYTE / 8)],
  ['brackets in prose', '[x] '.repeat(MEGABYTE / 4)],
  ['numbers in brackets', '[1'.repeat(MEGABYTE / 2)],
  ['blocks', '```json\n{"a":1}\n```\n'.repeat(MEGABYTE / 20)],
])(
  // Work that grew with the square of the length would take an hour.
  'a megabyte of %s is done with: it is read, or refused',
  async (_, text) => {
    for (const wish of [asked, unasked]) expect(await findJson(text, wish)).toHaveProperty('ok');
  },
  60_000,
);
