import { describe, expect, test } from '@jest/globals';
import type { Rule } from '../../src/emulator/index.ts';
import { withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';

describe('chance', () => {
  const asked = 40;
  /** One letter for each question: `f` where the fault struck. */
  async function outcomes(probability: number, seed?: number): Promise<string> {
    let letters = '';
    const rules: Rule[] = [{ error: { status: 500 }, probability }, { text: '.' }];
    await withEmulator({ rules, ...(seed === undefined ? {} : { seed }) }, async ({ client }) => {
      for (let index = 0; index < asked; index += 1)
        letters += await client.responses.create({ model: MODEL, input: 'Hi' }).then(
          ({ output_text: text }) => text,
          () => 'f',
        );
    });
    return letters;
  }

  test('strikes sometimes, and in the same way for the same seed', async () => {
    const letters = await outcomes(0.5);
    expect(new Set(letters)).toEqual(new Set(['f', '.']));
    expect(await outcomes(0.5)).toBe(letters);
    expect(await outcomes(0.5, 2)).not.toBe(letters);
  });

  test('never strikes at 0 and always at 1', async () => {
    expect(await outcomes(0)).toBe('.'.repeat(asked));
    expect(await outcomes(1)).toBe('f'.repeat(asked));
  });
});
