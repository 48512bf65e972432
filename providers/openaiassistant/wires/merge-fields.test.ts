import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { mergeFields } from './merge-fields.ts';

const merged = (...pieces: JsonObject[]) => pieces.reduce(mergeFields, {});

test.each<[string, JsonObject[], JsonObject]>([
  [
    'thoughts in plain text are joined',
    [{ reasoning_content: 'ha' }, { reasoning_content: 'ha' }],
    { reasoning_content: 'haha' },
  ],
  ['a thought of nothing is one', [{ reasoning_content: '' }, { reasoning_content: null }], { reasoning_content: '' }],
  ['what is repeated with each piece stands once', [{ name: 'M' }, { name: 'M' }], { name: 'M' }],
  ['nulls take nothing away', [{ a: { b: 'x' } }, { a: null }, { a: { b: null, c: 1 } }], { a: { b: 'x', c: 1 } }],
  [
    'a signature that comes late joins its call',
    [
      {},
      { extra_content: { google: { thought_signature: 'SIG==' } } },
      { extra_content: { google: { thought_signature: 'SIG==' } } },
    ],
    { extra_content: { google: { thought_signature: 'SIG==' } } },
  ],
  [
    'numbered elements are joined by their number and kind',
    [
      { reasoning_details: [{ type: 'reasoning.text', index: 0, format: 'f', text: 'I ' }] },
      { reasoning_details: [{ type: 'reasoning.text', index: 0, format: 'f', text: 'see.' }] },
      { reasoning_details: [{ type: 'reasoning.text', index: 0, format: 'f', signature: 'SIG' }] },
      { reasoning_details: [{ type: 'reasoning.encrypted', index: 0, data: 'xyz' }] },
      { reasoning_details: [{ type: 'reasoning.text', index: 1, text: 'Then.' }] },
    ],
    {
      reasoning_details: [
        { type: 'reasoning.text', index: 0, format: 'f', text: 'I see.', signature: 'SIG' },
        { type: 'reasoning.encrypted', index: 0, data: 'xyz' },
        { type: 'reasoning.text', index: 1, text: 'Then.' },
      ],
    },
  ],
  [
    'elements without a number go on until one is signed',
    [
      { thinking_blocks: [{ type: 'thinking', thinking: 'I ', signature: '' }] },
      { thinking_blocks: [{ type: 'thinking', thinking: 'see.', signature: '' }] },
      { thinking_blocks: [{ type: 'thinking', thinking: '', signature: 'SIG' }] },
      { thinking_blocks: [{ type: 'thinking', thinking: 'Then.', signature: '' }] },
      {
        thinking_blocks: [
          { type: 'redacted_thinking', data: 'a' },
          { type: 'redacted_thinking', data: 'b' },
        ],
      },
    ],
    {
      thinking_blocks: [
        { type: 'thinking', thinking: 'I see.', signature: 'SIG' },
        { type: 'thinking', thinking: 'Then.', signature: '' },
        { type: 'redacted_thinking', data: 'a' },
        { type: 'redacted_thinking', data: 'b' },
      ],
    },
  ],
  [
    'elements with ids of their own stay apart',
    [{ list: [{ id: 'a' }] }, { list: [{ id: 'b' }] }],
    { list: [{ id: 'a' }, { id: 'b' }] },
  ],
  ['plain elements are added', [{ list: ['a'] }, { list: ['b'] }], { list: ['a', 'b'] }],
])('%s', (_, pieces, whole) => {
  expect(merged(...pieces)).toEqual(whole);
});
