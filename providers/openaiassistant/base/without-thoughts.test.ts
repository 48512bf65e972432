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
  ['channels, and the end of a message', '<|channel|>final<|constrain|>json<|message|>{"a":1}<|return|>', '{"a":1}'],
  ['a channel of thoughts alone', '<|channel|>analysis<|message|>{"a":1}', ''],
  ['thoughts in square brackets', '[THINK]No?[/THINK]Yes.', 'Yes.'],
  ['thoughts in triangles', '◁think▷No?◁/think▷Yes.', 'Yes.'],
  ['thoughts between tokens', '<|begin_of_thought|>No?<|end_of_thought|>Yes.', 'Yes.'],
  ['thoughts and a response in tokens', '<|START_THINKING|>No?<|END_THINKING|><|START_RESPONSE|>Yes.<|END_RESPONSE|>', 'Yes.'],
  ['nothing but thoughts in tokens', '<|START_THINKING|>Yes.<|END_THINKING|>', ''],
  ['a tag in code', 'Close it with `</think>`, then go on.', 'Close it with `</think>`, then go on.'],
  ['a closing tag amid a sentence', 'The log had </think> in it.', 'The log had </think> in it.'],
  ['thoughts with attributes', '<reasoning effort="low">No?</reasoning>Yes.', 'Yes.'],
  ['channels', '<|channel|>analysis<|message|>No?<|end|><|start|>assistant<|channel|>final<|message|>Yes.', 'Yes.'],
])('of an answer with %s', (_, text, answer) => {
  expect(withoutThoughts(text, 'in-json')).toBe(answer);
});

test.each<[string, string, string]>([
  ['thoughts', '<think>No?</think>\nYes.', '\nYes.'],
  ['thoughts whose beginning the server has removed', 'No?\n</think>\n\nYes.', '\n\nYes.'],
  ['an analysis that was asked for', '<analysis>No.</analysis>\nYes.', '<analysis>No.</analysis>\nYes.'],
])('of a text with %s', (_, text, answer) => {
  expect(withoutThoughts(text, 'in-text')).toBe(answer);
});
