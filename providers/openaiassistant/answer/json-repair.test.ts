import { expect, test } from '@jest/globals';
import type { Json } from 'threadline/provider';
import { repaired } from './json-repair.ts';

test.each<[string, string, Json]>([
  ['an apostrophe in single quotes', `{'a': 'it's bad', 'b': ['they're']}`, { a: "it's bad", b: ["they're"] }],
  ['an apostrophe in double quotes', `{"a": "it's bad",}`, { a: "it's bad" }],
  ['quotes in quotes', '{"a": "echo "b" | grep "c"", "d": 1}', { a: 'echo "b" | grep "c"', d: 1 }],
  [
    'a path of Windows',
    String.raw`{"a": "C:\new\data\temp", "b": "one\ntwo"}`,
    { a: String.raw`C:\new\data\temp`, b: 'one\ntwo' },
  ],
  ['a path, half of it doubled', String.raw`{"a": "C:\\new\data"}`, { a: String.raw`C:\new\data` }],
  ['a path to users', String.raw`{"a": "C:\Users\u1"}`, { a: String.raw`C:\Users\u1` }],
  ['a regular expression', String.raw`{"a": "^\d+\.\w$"}`, { a: String.raw`^\d+\.\w$` }],
  ['a cut in an escape', String.raw`{"a": "b\u00`, { a: 'b' }],
  ['comments of all kinds', '{\n  // one\n  "a": 1, /* two */ # three\n  "b": "x # y // z" # four\n}', { a: 1, b: 'x # y // z' }],
  ['a hash in single quotes', `{'a': '# b'}`, { a: '# b' }],
  ['words of Python and JavaScript', '{"a": True, "b": None, "c": undefined}', { a: true, b: null, c: null }],
  ['a bracket too many', '{"a": [1, 2]]}', { a: [1, 2] }],
  ['a bracket too few', '{"a": [1, 2}', { a: [1, 2] }],
])('%s is made right', async (_, text, value) => {
  expect(await repaired(text)).toEqual(value);
});
