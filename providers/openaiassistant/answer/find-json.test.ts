import { describe, expect, test } from '@jest/globals';
import { isObject, type Json, type JsonObject, parseJson, toJson } from 'threadline/provider';
import { compileJsonSchema } from 'threadline/runtime';
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
    ['text with zero-width characters', `\u200B${HIGH}`, high, 'json'],
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
    ['a list of objects', 'Both: [{"a":1},{"a":2}].', [{ a: 1 }, { a: 2 }], 'span'],
    ['what follows thoughts', `<think>maybe {"severity":"low"}</think>${HIGH}`, high, 'json'],
    ['what follows thoughts without a beginning', `maybe {"severity":"low"}</think>\n${HIGH}`, high, 'json'],
    ['what follows long thoughts', `<thinking>a</thinking>So <THINKING>{"b":1}</THINKING>${fence(HIGH)}`, high, 'fence'],
    ['what precedes thoughts', `${HIGH}<think>was that right?</think>`, high, 'json'],
    ['a string that speaks of thoughts', '{"tag":"</think>"}', { tag: '</think>' }, 'json'],
  ])('%s', (_, text, value, how) => {
    expect(findJson(text, asked)).toEqual({ ok: true, value, how });
    expect(findJson(text, unasked)).toEqual({ ok: true, value, how });
  });

  test.each<[string, string, Json]>([
    ['double-encoded text in lines, without its quotes', String.raw`{\n  \"severity\": \"high\"\n}`, high],
    ['single quotes', "{'severity': 'high'}", high],
    ['typographic quotes', '{“severity”: “high”}', high],
    ['no quotes', '{severity: high}', high],
    ["Python's words", '{"a": True, "b": None}', { a: true, b: null }],
    ['a comma too many', '{"severity": "high",}', high],
    ['a comma too few', '{"a": 1 "b": 2}', { a: 1, b: 2 }],
    ['comments', '{"severity": "high" // really\n}', high],
    ['raw line breaks in text', '{"a": "one\ntwo"}', { a: 'one\ntwo' }],
    ['mistakes in a fence amid prose', `Here:\n${fence("{'severity': 'high'}")}\nDone.`, high],
    ['mistakes in a span amid prose', "So {'severity': 'high', 'hosts': ['a']} it is", { ...high, hosts: ['a'] }],
    ['a mark of order', '\uFEFF{\u200B"severity":"high"}', high],
  ])('text with %s, when it was asked for', (_, text, value) => {
    expect(findJson(text, asked)).toEqual({ ok: true, value, how: 'repaired' });
  });

  test.each<[string, string, Json]>([
    ['a list of numbers', 'They are [1, 2, 3].', [1, 2, 3]],
    ['an empty object', 'Nothing: {}', {}],
    ['a block that calls itself JavaScript', `${fence(HIGH, 'javascript')}`, high],
  ])('prose with %s, when it was asked for', (_, text, value) => {
    expect(findJson(text, asked)).toMatchObject({ ok: true, value });
    expect(findJson(text, unasked)).toMatchObject({ ok: false });
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
    ['an argument in a line of code', 'Run `kubectl patch -p {"a":1}` there.'],
    ['the data of a command', `Run curl -d '{"a":1}' https://x.example`],
    ['the argument of a function', 'Call lookup({"host":"a"}) first.'],
    ['a map in Go', 'It is map[string]int{"a": 1}.'],
    ['a query of metrics', 'rate(http_requests_total{status=~"5.."}[5m]) > 3'],
    ['a query of logs', '{app="db"} |= "error"'],
    ['a path in a cluster', "kubectl get pods -o jsonpath='{.items[*].metadata.name}'"],
    ['YAML', 'severity: high\nhosts: [a, b]\nowner: {team: db}'],
    ['a table', '| severity | host |\n|---|---|\n| high | db-1 |'],
    ['an error of Node', "at a (/b.js:1:2) {\n  code: 'ENOENT'\n}"],
  ])('%s', (_, text) => {
    expect(findJson(text, unasked)).toMatchObject({ ok: false });
  });

  test('whatever it says, without brackets', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const prose = text.replaceAll(/[[\]{}]/g, '');
        expect(findJson(prose, asked)).toMatchObject({ ok: false });
        expect(findJson(prose, unasked)).toMatchObject({ ok: false });
      }),
      { numRuns: 500 },
    ));
});

test('O1: whatever is serialised is read again, bare, fenced and in prose', () =>
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^k\w{0,5}$/), fc.jsonValue(), { minKeys: 1 }), (object) => {
      const text = JSON.stringify(object);
      const value = toJson(parseJson(text));
      // A text inside may look like the end of a fence or of thoughts, which only the whole answer is safe from.
      const frames = /`|think/.test(text) ? [text] : [text, fence(text), `So: ${text} it is.`];
      for (const frame of frames) expect(findJson(frame, asked)).toMatchObject({ ok: true, value });
    }),
  ));

test('what is cut is never taken for whole', () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.dictionary(fc.stringMatching(/^k\w{0,5}$/), fc.jsonValue(), { minKeys: 1 }),
        fc.array(fc.jsonValue(), { minLength: 1 }),
      ),
      fc.constantFrom('', 'Here it is: ', 'So:\n```json\n'),
      (data, lead) => {
        const text = JSON.stringify(data);
        if (/`|<|>/.test(text)) return;
        for (let end = 1; end < text.length; end++) {
          const cut = lead + text.slice(0, end);
          expect(findJson(cut, unasked)).toMatchObject({ ok: false });
          expect({ cut, ...findJson(cut, asked) }).toMatchObject({ cut, ok: false });
        }
      },
    ),
    { numRuns: 50 },
  ));

test('of several values the one that fits is taken', () => {
  const wish = { wantsJson: true, validate: (value: Json) => (isObject(value) && 'severity' in value ? [] : ['no']) };
  const echo = '{"alert":{"name":"disk","host":"db-1","value":97}}';
  expect(findJson(`For ${echo} I say ${HIGH}`, wish)).toMatchObject({ value: high });
  expect(findJson(`${fence(echo)} gives ${fence(HIGH)}`, wish)).toMatchObject({ value: high });
  expect(findJson(`{'host': 'db-1',} then {'severity': 'high',}`, wish)).toMatchObject({ value: high });
});

const DRAFT = '{"severity":"low"}';
const verdict = { severity: 'critical', action: 'page' };
const VERDICT = JSON.stringify(verdict);
const mustBeObject = (value: Json) => (isObject(value) ? [] : ['no']);

describe('of two values that fit, neither is guessed at:', () => {
  test.each<[string, string]>([
    [
      'a verdict, and what an alert would like it to be',
      `${VERDICT} … the alert tries to set {"severity":"info","action":"ignore"}`,
    ],
    ['on lines of their own', `${DRAFT}\n${HIGH}`],
    ['a draft and a correction', `First I thought ${DRAFT} but finally ${HIGH}`],
    ['two fences', `${fence(DRAFT)}\nBetter:\n${fence(HIGH)}`],
    ['a fence and prose', `${fence(DRAFT)}\nor rather ${HIGH}`],
    ['one of them in single quotes', `${HIGH}, though the alert says {'severity': 'low'}`],
    ['one that says more', '{"a":1}\n{"a":1,"b":2}'],
    ['an input in a fence that nothing calls so', `${fence('{"alert":"x"}')}\n${VERDICT}`],
  ])('%s', (_, text) => {
    expect(findJson(text, { ...asked, validate: mustBeObject })).toEqual({
      ok: false,
      error: expect.stringContaining('two different answers, {"'),
    });
  });

  test('nor where nobody asked for JSON', () =>
    expect(findJson(`First I thought ${DRAFT} but finally ${HIGH}`, unasked)).toMatchObject({ ok: false }));

  test.each<[string, string, Json]>([
    ['the same value twice', `${HIGH}\nSo: ${fence(HIGH)}`, high],
    ['a draft that calls itself one', `Draft: ${DRAFT}\nFinal: {'severity': 'high'}`, high],
    ['an alert under its name', `Alert: {"severity":"low"}\nVerdict: ${HIGH}`, high],
    ['an input under its name', `You sent:\n${fence('{"alert":"x"}')}\nMy verdict: ${VERDICT}`, verdict],
    ['what the alert says', `The alert says: {"severity":"low"}\n${HIGH}`, high],
    ['the format', `**Output format:** {"severity":"low|high"}\nAnswer: ${HIGH}`, high],
    ['the data of a command', `${fence(`curl -d '${DRAFT}' http://h`, 'bash')}\n${HIGH}`, high],
  ])('%s is no second one', (_, text, value) => {
    expect(findJson(text, asked)).toMatchObject({ ok: true, value });
  });
});

describe('what is cut or broken never falls back to something else:', () => {
  test.each<[string, string]>([
    ['a cut text', '{"severity":"high","reason":"the disk is fu'],
    ['a cut negation', '{"severity":"high","action":"do not restart'],
    ['a cut number', '{"action":"scale to","count":12'],
    ['a cut word', '{"page":tr'],
    ['a cut key', '{"severity":"high","act'],
    ['a cut first key', '{"sev'],
    ['a cut behind a comma', '{"severity":"high",'],
    ['a cut list', '{"hosts":["a","b"'],
    ['a cut list of objects', '[{"a":1},{"b":'],
    ['a cut fence', '```json\n{"severity":"high"'],
    ['a value and a cut one', `Draft:\n${fence(DRAFT)}\nCorrected:\n\`\`\`json\n{"severity":"high","reason":"a b`],
    ['a value and a cut one of other keys', `${DRAFT}\n{"verdict": "hi`],
    ['a value and a broken one', `${DRAFT}\nFinal: {"severity": "high" "x"}`],
    ['a broken value, and what an alert would like', `{"severity": "critical" "page"} not {"severity":"info"}`],
    ['a value and a bracket', `${DRAFT}\n{`],
    ['a value and half a key in a fence', `${fence(DRAFT)}\nCorrected:\n${fence('{"sev')}`],
    ['a value and half a key without quotes', `${DRAFT}\n{sever`],
    ['a value and a bracket of a list', `[${DRAFT}]\n[`],
    ['a value within one that was cut in a fence', fence('{"severity":"high","last":{"severity":"low"},"page":tr')],
    ['a value within one that prose follows', `{"severity":"high","last":{"severity":"low"},\n\nAnything else?`],
    ['a value in a comment of one that was cut', `{\n  // not ${DRAFT}\n  "sev`],
    ['a value within a broken one', '{"severity": "high", oops, "last": {"severity":"low"}}'],
  ])('%s', (_, text) => {
    expect(findJson(text, asked)).toEqual({ ok: false, error: expect.stringMatching(/^the JSON in it is (?:cut off|broken)/) });
  });
});

test('whatever is cut, wherever it stands and whatever follows, is never taken for whole', () => {
  const values = [
    '{"severity":"high","action":"do not \\"stop\\" [db]","hosts":["a"],"last":{"severity":"low"},"page":true}',
    "{'severity': 'high', 'action': 'it\\'s #1 // x', 'count': 12}",
    '{severity: high, action: page, count: 12.5}',
    '{\n  // not {"severity":"low"}\n  "severity": "high", # x\n  "last": {"severity": "low"}\n}',
    '{"severity":"high","action":"raw\nline\n```sh\nls {\\"a\\":1}\n```\n"}',
  ];
  const leads = [
    '',
    'Sure! ',
    '```json\n',
    '<think>{"severity":"low"}</think>',
    `${DRAFT}\n`,
    `${fence(DRAFT)}\nBetter:\n\`\`\`json\n`,
  ];
  const wish = { ...asked, validate: mustBeObject };
  for (const value of values)
    for (const lead of leads)
      for (const rest of ['', '\n```', '\n\nAnything else?', '"'])
        for (let end = 1; end < value.length; end++) {
          const cut = lead + value.slice(0, end) + rest;
          const found = findJson(cut, wish);
          const taken = found.ok && wish.validate(found.value).length === 0 ? found.value : undefined;
          expect({ cut, taken }).toEqual({ cut, taken: undefined });
        }
});

describe('a value that its own sentence denies is no answer:', () => {
  test.each([
    'severity is critical. The message tried to inject {"severity":"info"}',
    'I would not answer {"severity":"info"}.',
    'Do NOT use {"severity":"info"} here.',
    'It could look like {"severity":"info"}, but I do not know enough.',
    'The alert tries to set {"severity":"info"}',
    'The attacker injected: {"severity":"info"}',
    'Do not answer: {"severity":"info"}',
    'It may be, for example, {"severity":"info"}.',
    'I was asked to say {"severity":"info"}, but I will not.',
    'I can\'t provide {"severity":"info"} as requested.',
    'I refuse to output {"severity":"info"}',
    'The correct JSON is NOT {"severity":"info"}',
    'The alert contains {"severity":"info"}, which looks like an injection.',
    'Ignore the previous {"severity":"info"}',
    'If the disk were full I would say {"severity":"info"}.',
  ])('%s', (text) => {
    expect(findJson(text, asked)).toEqual({ ok: false, error: 'it only speaks of {"severity":"info"}' });
    expect(findJson(text, unasked)).toMatchObject({ ok: false });
  });

  test.each([
    'This is not a false alarm: ',
    'I am not sure, but ',
    'My answer would be ',
    'You asked me to return JSON: ',
    'The host does not respond: ',
    'This should not be ignored: ',
    'SQL injection was found: ',
    'It looks like an injection, so I say ',
    'Logs, backups and such fill it. For example db-1 is full, hence ',
    'Page rather than open a ticket: ',
    'The pod tries to set its clock: ',
    'The log says that the disk is full: ',
  ])('%s leads to an answer', (lead) => {
    expect(findJson(lead + HIGH, asked)).toMatchObject({ ok: true, value: high });
  });
});

describe('nothing is invented:', () => {
  test.each<[string, string]>([
    ['a colour for a comment', '{"c": #ff0000, "n": 1}'],
    ['semicolons', '{"a":1; "b":2}'],
    ['a time of day', '{10:30}'],
    ['a fraction', '{"ratio": 1/3, "n": 1}'],
    ['an ellipsis', '{"n": [1, 2, ...]}'],
    ['a missing value', '{"a": , "b": 1}'],
    ['a missing item', '[{"a":1},,{"a":2}]'],
    ['a missing bracket', '{"a": [1, 2}'],
    ['undefined', '{"a": undefined}'],
    ['NaN', '{"a": NaN}'],
    ['a number beyond all numbers', '{"a": 1e400}'],
    ['words without quotes', '{"action": page the owner}'],
    ['CSS', 'Set `body { color: red; }` then.'],
    ['a formula', 'The set $\\{a: b\\}$ is empty.'],
    ['prose in braces', 'Use {name: string} and [web-1, web-2].'],
    ['other alphabets of brackets', '｛"severity"："high"｝'],
    ['two values for a key', '{"severity":"high","severity":"low"}'],
    ['a quote that ends a text early', '{"reason":"it says "x","severity":"info" loudly","severity":"critical"}'],
    ['a backslash that can be read in two ways', String.raw`{"a": "\d\n"}`],
    ['a number in hexadecimal', '{"n": 0x1F}'],
    ['a number with underscores', '{"n": 1_000}'],
    ['a call', '{"id": ObjectId("1")}'],
    ['a sum of texts', '{"a": "b" + "c"}'],
  ])('%s', (_, text) => {
    expect(findJson(text, asked)).toMatchObject({ ok: false });
    expect(findJson(text, unasked)).toMatchObject({ ok: false });
  });
});

describe('what stands in a text stays as it is:', () => {
  test.each<[string, string, Json]>([
    ['raw lines that begin with a hash', '{"a":"line1\n# rm -rf\nline2","n":1}', { a: 'line1\n# rm -rf\nline2', n: 1 }],
    ['lines of Windows', '{"a":"x\r\ny"}', { a: 'x\r\ny' }],
    ['a fence with raw lines', '{"md":"# T\n```sh\nls {x}\n```","n":1}', { md: '# T\n```sh\nls {x}\n```', n: 1 }],
    ['an escaped apostrophe', String.raw`{"a":"it\'s \"x\" \\ y\nz"}`, { a: 'it\'s "x" \\ y\nz' }],
    ['an escaped underscore', String.raw`{"a":"foo\_bar\nb"}`, { a: 'foo_bar\nb' }],
    ['an apostrophe in single quotes', `{'a': 'it's bad', 'b': ['they're']}`, { a: "it's bad", b: ["they're"] }],
    ['quotes in quotes', '{"a": "echo "b" | grep "c"", "d": 1}', { a: 'echo "b" | grep "c"', d: 1 }],
    ['a quote and a hash', '{"a":"say "hi" #oncall","n":1}', { a: 'say "hi" #oncall', n: 1 }],
    [
      'a path and a line break',
      String.raw`{"a": "C:\new\data\temp", "b": "1\n2",}`,
      { a: String.raw`C:\new\data\temp`, b: '1\n2' },
    ],
    ['a path, half of it doubled', String.raw`{"a": "C:\\new\data"}`, { a: String.raw`C:\new\data` }],
    ['a path to users', String.raw`{"a": "C:\Users\u1"}`, { a: String.raw`C:\Users\u1` }],
    ['a regular expression', String.raw`{"a": "^\d+\.\w$"}`, { a: String.raw`^\d+\.\w$` }],
    ['a hash in single quotes', `{'a': '# b'}`, { a: '# b' }],
    ['all digits of a whole number', '{"id": 9007199254740993,}', { id: 9007199254740993n }],
    ['what looks like a comment', '{"a": "http://x # y", "b": "c" // "d": "e"\n}', { a: 'http://x # y', b: 'c' }],
    ['comments of all kinds outside', '{\n // one\n "a": 1, /* two */ # three\n "b": "x" # four {\n}', { a: 1, b: 'x' }],
    ['an address without quotes', '{"ip": 10.0.0.1, "n": .5, "m": 5.}', { ip: '10.0.0.1', n: 0.5, m: 5 }],
    [
      'a tag of thoughts amid prose',
      'So {"reason":"saw </think> {x}","severity":"high"}',
      { reason: 'saw </think> {x}', severity: 'high' },
    ],
  ])('%s', (_, text, value) => {
    expect(findJson(text, asked)).toMatchObject({ ok: true, value });
  });
});

describe('a bracket in quotes does not hide the JSON behind it:', () => {
  test.each([
    `unexpected token "{" at 1. ${HIGH}`,
    `Missing "}" after {"a: so ${HIGH}`,
    `Escape "{" and "}" in it. ${HIGH}`,
    `The array "[1, 2" is malformed; verdict ${HIGH}`,
    `${HIGH} I saw "{" in a log`,
    `${HIGH} It was \`{\`, and {a}, and server { listen 80; }`,
    `${HIGH}\n${fence("awk '{print $1", 'sh')}`,
  ])('%s', (text) => {
    expect(findJson(text, asked)).toMatchObject({ ok: true, value: high });
  });
});

describe('no answer is', () => {
  const SCHEMA = '{"type":"object","properties":{"severity":{"type":"string"}},"required":["severity"]}';
  const CALL = '{"name":"lookup","arguments":{"host":"db-1"}}';
  test.each<[string, string]>([
    ['a schema', SCHEMA],
    ['a schema in a fence', fence(SCHEMA)],
    ['a call', CALL],
    ['a call in tags', `<tool_call>\n${CALL}\n</tool_call>`],
    ['a call with its name in the tag', '<function=lookup>{"host":"db-1"}</function>'],
    ['a call in steps of thought', 'Action: lookup\nAction Input: {"host":"db-1"}'],
    ['a call in code', 'lookup({"host":"db-1"})'],
    ['a call by the name of its function', 'functions.lookup:0 {"host":"db-1"}'],
    ['a call in XML', '<function_calls><invoke name="lookup">{"host":"db-1"}</invoke></function_calls>'],
    ['a list of calls', `[TOOL_CALLS][${CALL}]`],
    ['calls as the API writes them', `{"tool_calls":[{"id":"1","type":"function","function":${CALL}}]}`],
    [
      'a call with its arguments in tags',
      '<tool_call>lookup\n<arg_key>a</arg_key>\n<arg_value>{"host":"db-1"}</arg_value>\n</tool_call>',
    ],
    ['a call in a channel without its marks', 'assistantcommentary to=functions.lookup json{"host":"db-1"}'],
    ['a format with a schema', `{"name":"output","strict":true,"schema":${SCHEMA}}`],
    ['a format of a request', `{"type":"json_schema","json_schema":{"name":"output","schema":${SCHEMA}}}`],
    ['the data of a command', `curl -d '{"host":"db-1"}' http://h`],
    ['the data of a command in a line of code', "Run `curl -d \"{'host':'db-1'}\"`"],
    ['a map of another language', 'In Go: map[string]int{"a": 1, "b": 2}'],
    ['an example, when nothing else is said', 'Example output: {"severity":"low"}\n\nI cannot answer.'],
    ['a call beside an answer', `${HIGH}<tool_call>${CALL}</tool_call>`],
  ])('%s', (_, text) => {
    expect(findJson(text, asked)).toMatchObject({ ok: false });
    expect(findJson(text, unasked)).toMatchObject({ ok: false });
  });

  test('a schema beside an answer; the answer counts', () =>
    expect(findJson(`${SCHEMA}\n${HIGH}`, asked)).toMatchObject({ value: high }));

  test('what looks like a call, unless the schema asks for it', () => {
    const schema = { type: 'object', properties: { name: {}, arguments: {} } };
    expect(findJson(CALL, { ...asked, schema })).toMatchObject({ ok: true, how: 'json' });
  });

  test('a text that shows such tags in code is text', () =>
    expect(findJson(`Use \`<tool_call>{\` there: ${HIGH}`, asked)).toMatchObject({ value: high }));
});

describe('a schema of', () => {
  const LEVELS = ['low', 'high'];
  test.each<[string, JsonObject, string, Json, string]>([
    ['a text takes a bare word', { enum: LEVELS }, 'high', 'high', 'repaired'],
    ['a text takes a word in quotes', { enum: LEVELS }, '"high"', 'high', 'json'],
    ['a number takes one', { type: 'number' }, '3.5', 3.5, 'json'],
    ['a boolean takes one', { type: 'boolean' }, 'true', true, 'json'],
    ['a boolean takes that of Python', { type: 'boolean' }, 'True', true, 'json'],
    ['a text takes a word in a fence', { enum: LEVELS }, fence('high', ''), 'high', 'repaired'],
    ['null takes it', { type: 'null' }, 'null', null, 'json'],
    ['a list takes one', { type: 'array' }, 'Answer: [{"id":1}]', [{ id: 1 }], 'span'],
    ['an empty list takes it', { type: 'array' }, '[]', [], 'json'],
    ['a text behind thoughts', { enum: LEVELS }, '<think>low?</think>high', 'high', 'repaired'],
  ])('%s', async (_, schema, text, value, how) => {
    const validate = await compileJsonSchema(schema);
    expect(findJson(text, { wantsJson: true, schema, validate: (found) => validate(found as JsonObject) })).toEqual({
      ok: true,
      value,
      how,
    });
  });

  test.each<[string, JsonObject, string]>([
    ['a text: a sentence', { enum: LEVELS }, 'The severity is high.'],
    ['a text: two words', { enum: LEVELS }, 'high, not low'],
    ['a number: prose', { type: 'number' }, 'about 3'],
    ['a boolean: a text', { type: 'boolean' }, '"true"'],
  ])('%s is refused', async (_, schema, text) => {
    const validate = await compileJsonSchema(schema);
    expect(findJson(text, { wantsJson: true, schema, validate: (found) => validate(found as JsonObject) })).toMatchObject({
      ok: false,
    });
  });
});

test.each(['{"__proto__": {"admin": true}, "a": 1}', "{'__proto__': {'admin': True}, 'a': 1}"])(
  'no key reaches a prototype: %s',
  (text) => {
    const found = findJson(text, asked);
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
  (_, text) => {
    for (const wish of [asked, unasked]) expect(findJson(text, wish)).toHaveProperty('ok');
  },
  60_000,
);
