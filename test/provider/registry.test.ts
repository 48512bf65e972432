import { describe, expect, test } from '@jest/globals';
import { openRegistry } from '../../src/index.ts';
import { folderWith } from '../support/cli.ts';

const provider = (more = '') => `export default { description: 'mine', config: {}, params: {}, run: async () => 1, ${more} };`;

describe('providers are folders (P11)', () => {
  test('the built-in ones, and those of the folders that are named', async () => {
    const first = folderWith({
      'mine/index.mjs': provider(),
      'notes/readme.md': '',
      'file.mjs': '',
    });
    const registry = openRegistry([first]);
    expect(registry.names()).toEqual(expect.arrayContaining(['console', 'http', 'mine', 'mock', 'openaiassistant']));
    expect(registry.names()).not.toContain('notes');
    expect((await registry.load('mine'))?.description).toBe('mine');
    expect(await registry.load('constructor')).toBeUndefined();
  });

  test('a name that is taken is refused, a built-in one above all', () => {
    const copy = folderWith({ 'http/index.mjs': provider() });
    expect(() => openRegistry([copy])).toThrow('There are two providers called `http`: one is built in');
    const [first, second] = [folderWith({ 'mine/index.mjs': provider() }), folderWith({ 'mine/index.mjs': provider() })];
    expect(() => openRegistry([first, second])).toThrow(/two providers called `mine`/);
  });

  test('each is loaded once, when it is first asked for', async () => {
    const folder = folderWith({ 'broken/index.mjs': 'throw new Error("loaded")', 'mine/index.mjs': provider() });
    const registry = openRegistry([folder]);
    expect(await registry.load('mine')).toBe(await registry.load('mine'));
    await expect(registry.load('broken')).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(/broken.*loaded/s),
    });
  });

  test.each([
    ['nothing', 'export const x = 1;', /is not a provider/],
    ['no run', 'export default { params: {}, config: {} };', /is not a provider/],
    ['a keyword that is not checked', provider('params: { not: {} }'), /use not/],
    ['a list of item schemas', provider('config: { properties: { a: { items: [{}] } } }'), /items as a list/],
  ])('one that exports %s is refused', async (_, text, message) => {
    const registry = openRegistry([folderWith({ 'bad/index.mjs': text })]);
    await expect(registry.load('bad')).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringMatching(message) });
  });

  test.each(['none', 'file.txt'])('a folder that is none is refused: %s', (name) => {
    const folder = folderWith({ 'file.txt': '' });
    expect(() => openRegistry([`${folder}/${name}`])).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });
});
