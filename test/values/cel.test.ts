import { describe, expect, test } from '@jest/globals';
import { Environment } from '@marcbachmann/cel-js';
import { evaluate, scope } from './scope.ts';

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
});

/** CEL's integers are BigInt there. */
const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

const EXPRESSIONS = [
  ...['1', '-1', '1.5', '0xff', '-0x10', '1e3', '"a"', "'a'", 'true', 'false', 'null', '[]', '[1, 2]', '[1, "a", null]'],
  ...['{}', '{"a": 1}', '{"a": {"b": [1]}}', '"a\\nb"', '"\\x41\\u0042\\U00000043\\101"', 'r"a\\nb"', "'''a'b'''", '"""a"b"""'],
  ...[
    '"it\'s"',
    '\'say "x"\'',
    '"\\"\\\\"',
    '1 + 2 * 3',
    '(1 + 2) * 3',
    '10 - 4 - 3',
    '2 * 3 + 4',
    '7 % 3',
    '-7 % 3',
    '8 / 2 / 2',
  ],
  ...['1.0 / 4.0', '-(2 + 3)', '"a" + "b" + "c"', '[1] + [2, 3]', '1 == 1', '1 != 2', '"a" == "a"', '"a" != "b"'],
  ...[
    '[1, 2] == [1, 2]',
    '[1] == [2]',
    '{"a": 1} == {"a": 1}',
    'null == null',
    '1 < 2',
    '2 <= 2',
    '3 > 4',
    '4 >= 4',
    '"a" < "b"',
  ],
  ...['1.5 < 2.5', 'false < true', 'true && false', 'true || false', '!true', '!!true', '!(1 > 2) && true', '1 > 2 || 3 > 2'],
  ...['true || false && false', '(true || false) && false', 'true ? 1 : 2', 'false ? 1 : true ? 2 : 3', '1 > 2 ? "a" : "b"'],
  ...[
    '1 in [1, 2]',
    '3 in [1, 2]',
    '"a" in {"a": 1}',
    '"b" in {"a": 1}',
    '!("a" in ["b"])',
    '[1, 2][1]',
    '{"a": 5}["a"]',
    '{"a": 5}.a',
  ],
  ...['size("abc")', 'size([1, 2])', 'size({"a": 1})', '"abc".size()', '[1].size()', 'size("äö😀")', '"abc".contains("b")'],
  ...['"abc".startsWith("ab")', '"abc".endsWith("bc")', '"abc".matches("^a.c$")', '"abc".matches("b")', '"abc".matches("x")'],
  ...[
    'string(1)',
    'string(1.5)',
    'string(true)',
    'string("a")',
    'int("42")',
    'int(3.9)',
    'int(-3.9)',
    'double("1.5")',
    'double(2)',
  ],
  ...[
    'bool("true")',
    'bool("false")',
    '"AbC".lowerAscii()',
    '"AbC".upperAscii()',
    '" a ".trim()',
    '"a,b".split(",")',
    '["a", "b"].join("-")',
  ],
  ...['["a", "b"].join()', '"hello".indexOf("l")', '"hello".lastIndexOf("l")', '"hello".substring(1)', '"hello".substring(1, 3)'],
  ...[
    '[1, 2, 3].map(x, x * 2)',
    '[1, 2, 3].filter(x, x > 1)',
    '[1, 2].all(x, x > 0)',
    '[1, 2].all(x, x > 1)',
    '[1, 2].exists(x, x > 1)',
  ],
  ...[
    '[1, 2].exists(x, x > 2)',
    '[1, 2].exists_one(x, x > 1)',
    '[1, 2].exists_one(x, x > 0)',
    '[].all(x, x == 0)',
    '[].exists(x, x == 0)',
  ],
  ...['[[1, 2], [3]].map(x, x.map(y, y + 1))', '[1, 2].map(x, [3].map(y, x + y))', '{"a": 1}.all(k, k == "a")'],
  ...[
    'alert.name == "Disk full"',
    'alert.labels.team',
    'alert["labels"]["k8s.io/app"]',
    'alert.tags[0]',
    '"db" in alert.tags',
    '"team" in alert.labels',
  ],
  ...[
    'has(alert.name)',
    'has(alert.missing)',
    'has(alert.nothing)',
    '!has(alert.missing) || alert.missing > 3',
    'alert.items[1].name',
  ],
  ...[
    'alert.items.map(i, i.name)',
    'alert.items.filter(i, i.name == "b")[0].parts',
    'alert.items.exists(i, i.parts.size() == 2)',
  ],
  ...[
    'alert.firing && !alert.muted',
    'alert.name.contains("full") ? "yes" : "no"',
    'alert.ratio < 0.75',
    'alert.?missing.orValue("x")',
  ],
  ...[
    'alert.?name.orValue("x")',
    'alert.?missing.hasValue()',
    'alert.?labels.?team.orValue("x")',
    'alert.?nope.?team.orValue("x")',
  ],
  ...[
    'alert.tags[?5].orValue("none")',
    'alert.tags[?0].orValue("none")',
    'false && (1 / 0 > 0)',
    '(1 / 0 > 0) && false',
    'true || (1 / 0 > 0)',
  ],
  ...['(1 / 0 > 0) || true', '[1, 0].exists(x, 2 / x == 2)', '1 + 1 == 2 // a comment', '  1\n+\t2  '],
];

describe('expressions give what CEL gives', () => {
  test.each([...new Set(EXPRESSIONS)])('%s', (expression) => {
    const expected = plain(environment.evaluate(expression, scope));
    expect(evaluate(expression)).toEqual(expected);
  });
});
