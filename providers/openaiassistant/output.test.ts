import { describe, expect, test } from '@jest/globals';
import { isObject, type Json, toJson } from 'threadline/provider';
import { fc } from '../../test/support/properties.ts';
import { findJson } from './output.ts';

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
    ['two objects, the one that says more', '{"a":1}\n{"a":1,"b":2}', { a: 1, b: 2 }, 'span'],
    ['a list of objects', 'Both: [{"a":1},{"a":2}].', [{ a: 1 }, { a: 2 }], 'span'],
    ['what follows thoughts', `<think>maybe {"severity":"low"}</think>${HIGH}`, high, 'json'],
    ['what follows thoughts without a beginning', `maybe {"severity":"low"}</think>\n${HIGH}`, high, 'json'],
    ['what follows long thoughts', `<thinking>a</thinking>So <THINKING>{"b":1}</THINKING>${fence(HIGH)}`, high, 'fence'],
    ['what precedes thoughts', `${HIGH}<think>was that right?</think>`, high, 'span'],
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
      const value = toJson(JSON.parse(text));
      // A text inside may look like the end of a fence or of thoughts, which only the whole answer is safe from.
      const frames = /`|think/.test(text) ? [text] : [text, fence(text), `So: ${text} it is.`];
      for (const frame of frames) expect(await findJson(frame, asked)).toMatchObject({ ok: true, value });
    }),
  ));

test('of several values the one that fits is taken', async () => {
  const wish = { wantsJson: true, validate: (value: Json) => (isObject(value) && 'severity' in value ? [] : ['no']) };
  const echo = '{"alert":{"name":"disk","host":"db-1","value":97}}';
  expect(await findJson(`For ${echo} I say ${HIGH}`, wish)).toMatchObject({ value: high });
  expect(await findJson(`${fence(echo)} gives ${fence(HIGH)}`, wish)).toMatchObject({ value: high });
});

test('keys that would reach a prototype are dropped', async () => {
  const found = await findJson('{"__proto__": {"admin": true}, "a": 1}', asked);
  expect(found).toEqual({ ok: true, value: { a: 1 }, how: 'json' });
});

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
  ['numbers', `{"a": [${'1 '.repeat(MEGABYTE / 2)}`],
])('a megabyte of %s is done with in seconds', async (_, text) => {
  const startedAt = performance.now();
  await findJson(text, asked);
  await findJson(text, unasked);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
