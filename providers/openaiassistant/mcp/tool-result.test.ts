import { expect, test } from '@jest/globals';
import { readResult } from './tool-result.ts';

/** As the SDK hands a result over: it has parsed the JSON, and rounded what is beyond 2^53. */
const structured = (json: string, text: string) =>
  readResult({ content: [{ type: 'text', text }], structuredContent: JSON.parse(json) as Record<string, unknown> });

const JSON_TEXT = '{"id":9007199254740993,"rows":[12345678901234567890,1]}';

test('a whole number beyond 2^53 of structured content is taken from the text, which has its digits', () => {
  expect(JSON.stringify(structured(JSON_TEXT, JSON_TEXT))).toBe(JSON_TEXT);
  expect(JSON.stringify(structured(JSON_TEXT, JSON_TEXT.replaceAll(',', ', ')))).toBe(JSON_TEXT);
});

test.each(['in words', '{"id":1}', ''])(
  'with %j beside it, whose digits are lost, it is an error and never a neighbour',
  (text) => {
    expect(() => structured(JSON_TEXT, text)).toThrow(expect.objectContaining({ code: 'number_out_of_range' }));
  },
);

test('structured content without such a number needs no text', () => {
  expect(structured('{"rows":[9007199254740991,0.5]}', 'in words')).toEqual({ rows: [9007199254740991, 0.5] });
});
