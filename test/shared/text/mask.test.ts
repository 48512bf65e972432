import { describe, expect, test } from '@jest/globals';
import { Mask } from '../../../src/shared/text/mask.ts';

const maskOf = (...secrets: string[]) => {
  const mask = new Mask();
  for (const secret of secrets) mask.add(secret);
  return mask;
};

describe('a secret is masked (A15)', () => {
  const SECRET = 'p@ss "w\\rd"/+ü\n!(x)';

  test.each([
    ['as it is', `a ${SECRET} b`],
    ['in a URL', `https://x.y/?t=${encodeURIComponent(SECRET)}`],
    ['in a form', `${new URLSearchParams({ t: SECRET })}`],
    ['in JSON inside text', JSON.stringify({ token: SECRET })],
  ])('%s', (_, text) => {
    const masked = maskOf(SECRET).apply({ text }).text;
    expect(masked).toContain('***');
    expect(masked).not.toMatch(/p@ss|p%40ss|w\\\\rd|x\)/);
  });

  test('in lists, in maps and in their keys', () => {
    expect(maskOf('hunter22').apply({ a: ['hunter22', { hunter22: 'my hunter22!' }], n: 1, z: null })).toEqual({
      a: ['***', { '***': 'my ***!' }],
      n: 1,
      z: null,
    });
  });

  test('whole, when another is a part of it', () => {
    expect(maskOf('secret', 'secret-token-2').apply('x secret-token-2 y secret')).toBe('x *** y ***');
  });

  test('when it is full of what regular expressions mean', () => {
    expect(maskOf('a.*(b)[c]$^').apply('a.*(b)[c]$^ axxb')).toBe('*** axxb');
  });

  test('but not when it is so short that words would go', () => {
    expect(maskOf('', 'on', 'abc').apply('on and abc')).toBe('on and abc');
  });

  test('with half a character in it', () => {
    expect(maskOf('broken\ud800secret').apply('x broken\ud800secret')).toBe('x ***');
  });
});

test('of a configuration the values whose keys say so are masked, and no others', () => {
  const mask = new Mask();
  mask.addConfig({
    api_key: 'key-123456',
    base_url: 'https://host.example',
    model: 'gpt-large',
    auth: { type: 'header', name: 'X-Api-Key', value: 'header-secret' },
    headers: { Authorization: 'Bearer abcdef' },
    password: 'pass-word',
    webhook_url: 'https://hooks.example/abc',
  });
  const text = 'key-123456 https://host.example gpt-large header header-secret Bearer abcdef pass-word https://hooks.example/abc';
  expect(mask.apply(text)).toBe('*** https://host.example gpt-large header *** *** *** ***');
});
