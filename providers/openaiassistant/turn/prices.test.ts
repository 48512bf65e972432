import { describe, expect, test } from '@jest/globals';
import { costOf, type Prices } from './prices.ts';

const luna = { input: 0.5, cached_input: 0.05, output: 2 };
const other = { input: 100, output: 100 };
const usage = { model: 'gpt-6-luna', prompt_tokens: 1_000_000, cached_tokens: 0, completion_tokens: 0 };
const million = (model: string, prices: Prices) => costOf({ ...usage, model }, prices);

describe('the cost', () => {
  test.each([
    [{ prompt_tokens: 2_000_000 }, 1],
    [{ prompt_tokens: 0, completion_tokens: 500_000 }, 1],
    [{ prompt_tokens: 1_000_000, cached_tokens: 800_000, completion_tokens: 100_000 }, 0.34],
    [{ prompt_tokens: 1, cached_tokens: 1 }, 5e-8],
    [{ prompt_tokens: 10, cached_tokens: 1000 }, 5e-7],
    [{ prompt_tokens: 0 }, 0],
  ])('of %j', (tokens, dollars) => {
    expect(costOf({ ...usage, ...tokens }, { 'gpt-6-luna': luna })).toBe(dollars);
  });

  test('of cached tokens is the usual one where no other is given', () => {
    expect(costOf({ ...usage, cached_tokens: 900_000 }, { 'gpt-6-luna': { input: 0.5, output: 2 } })).toBe(0.5);
  });

  test('has no noise of binary fractions', () => {
    expect(costOf({ ...usage, prompt_tokens: 3, completion_tokens: 0 }, { '*': { input: 0.1, output: 0 } })).toBe(3e-7);
  });

  test('of a model without a price is not known: never 0', () => {
    expect(million('gpt-6-luna', {})).toBeNull();
    expect(million('constructor', { 'gpt-6-luna': luna })).toBeNull();
  });

  test('of a model that is free is 0', () => {
    expect(million('llama', { llama: { input: 0, output: 0 } })).toBe(0);
  });
});

describe('the name', () => {
  test.each([
    ['gpt-6-*', 'gpt-6-luna', true],
    ['*', 'anything', true],
    ['*-luna', 'gpt-6-luna', true],
    ['gpt-*-luna', 'gpt-6-luna', true],
    ['g*t*l*a', 'gpt-6-luna', true],
    ['gpt-6-luna', 'gpt-6-luna-2026-08-01', true],
    ['*-luna', 'gpt-6-luna-2026-08-01', true],
    ['gpt-6-luna-2026-08-01', 'gpt-6-luna-2026-08-01', true],
    ['gpt-6-luna-2026-08-01', 'gpt-6-luna', false],
    ['gpt-6-luna', 'gpt-6-luna-mini', false],
    ['gpt-6', 'gpt-6-luna', false],
    ['gpt.6-luna', 'gpt-6-luna', false],
    ['gpt-*-*-luna', 'gpt-6-luna', false],
    ['luna*luna', 'luna', false],
    ['*sol', 'gpt-6-luna', false],
  ])('%s for %s: %s', (name, model, isPriced) => {
    expect(million(model, { [name]: luna })).toBe(isPriced ? 0.5 : null);
  });

  test.each<[string, Prices]>([
    ['gpt-6-luna', { '*': other, 'gpt-6-luna': luna, 'gpt-6-*': other }],
    ['gpt-6-luna', { 'gpt-6-*': luna, 'gpt-*': other }],
    ['gpt-6-luna', { 'gpt-6-luna*': other, 'gpt-6-luna': luna }],
    ['gpt-6-luna-2026-08-01', { 'gpt-6-luna': other, 'gpt-6-luna-2026-08-01': luna }],
    ['gpt-6-luna-2026-08-01', { 'gpt-6-luna': other, 'gpt-6-luna-2026-*': luna }],
  ])('of several that fit %s the longest wins: %j', (model, prices) => {
    expect(million(model, prices)).toBe(0.5);
  });
});
