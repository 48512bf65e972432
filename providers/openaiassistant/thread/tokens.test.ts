import { describe, expect, test } from '@jest/globals';
import { cutText } from './cut-text.ts';
import { tokenCounter } from './tokens.ts';

const LOG = '2026-11-28 ERROR db-1 disk full at /var/lib/postgres: no space left on device\n';

describe('counting tokens never blocks', () => {
  // Left to the encoder, each of these takes many seconds: the test would run out of time.
  test.each([
    ['250,000 `=`', '='.repeat(250_000), 4000],
    ['letters without a break', 'x'.repeat(250_000), 31_250],
    ['blanks', ' '.repeat(250_000), 2000],
    ['Chinese text without a break', '数据库磁盘空间不足'.repeat(27_000), 135_000],
  ])('%s are counted in pieces', async (_, text, about) => {
    const tokens = (await tokenCounter())(text);
    expect(tokens).toBeGreaterThan(about * 0.8);
    expect(tokens).toBeLessThan(about * 1.3);
  });

  test('a text without long runs is counted as it is, a very long one nearly so', async () => {
    const count = await tokenCounter();
    const one = count(LOG);
    expect(count(LOG.repeat(1000))).toBe(one * 1000);
    const dump = `${LOG.repeat(5000)}${'deadbeef'.repeat(50_000)}`;
    const parts = 5000 * one + count('deadbeef'.repeat(20_000)) * 2.5;
    expect(count(dump) / parts).toBeGreaterThan(0.9);
    expect(count(dump) / parts).toBeLessThan(1.1);
  });
});

describe('cutText', () => {
  test('what fits stays as it is', async () => {
    expect(await cutText('short', 100)).toBeUndefined();
    expect(await cutText(LOG.repeat(3), 100)).toBeUndefined();
  });

  test('keeps the beginning and the end, and says how much is left out', async () => {
    const text = `first line\n${LOG.repeat(1000)}last line`;
    const cut = (await cutText(text, 300)) ?? '';
    expect(cut).toMatch(/^first line\n/);
    expect(cut).toMatch(/last line$/);
    const [, left = ''] =
      /\[cut: ([\d,]+) of 78,020 characters are left out here, because this is longer than 300 tokens\]/.exec(cut) ?? [];
    expect(Number(left.replace(',', ''))).toBeGreaterThan(70_000);
    const tokens = (await tokenCounter())(cut);
    expect(tokens).toBeLessThan(360);
    expect(tokens).toBeGreaterThan(240);
  });

  test('splits no character', async () => {
    const cut = (await cutText('😀'.repeat(5000), 1000)) ?? '';
    expect(cut.isWellFormed()).toBe(true);
    expect(cut).toMatch(/^😀+.?\n\[cut: /u);
  });
});
