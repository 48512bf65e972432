import { expect, test } from '@jest/globals';
import { withoutThoughts } from './without-thoughts.ts';

test.each<[string, string, string]>([
  ['no thoughts', 'Yes.', 'Yes.'],
  ['thoughts first', '<think>No?</think>Yes.', 'Yes.'],
  ['thoughts without a beginning', 'No?</think>Yes.', 'Yes.'],
  ['thoughts again and again', '<think>No?</think>Hm.<think>No?</think>Yes.', 'Yes.'],
  ['thoughts last', 'Yes.<think>No?</think>', 'Yes.'],
  ['thoughts about tags', '<think>I write <think> and then</think>Yes.', 'Yes.'],
  ['thoughts that do not end', '<think>No, yes', ''],
  ['thoughts that do not end, after an answer', '<think>No?</think>Yes.<think>Or', 'Yes.<think>Or'],
  ['nothing but thoughts', '<think>Yes.</think>\n', ''],
  [
    'other words for thoughts',
    '<Reasoning>No?</Reasoning><scratchpad>No?</scratchpad><output>Yes.</output>',
    '<output>Yes.</output>',
  ],
  ['an answer where others think', '<analysis>Yes.</analysis>', '<analysis>Yes.</analysis>'],
  ['a tag amid prose', 'A <think> tag begins it.', 'A <think> tag begins it.'],
  ['channels', '<|channel|>analysis<|message|>No?<|end|><|start|>assistant<|channel|>final<|message|>Yes.', 'Yes.'],
])('of an answer with %s', (_, text, answer) => {
  expect(withoutThoughts(text)).toBe(answer);
});
