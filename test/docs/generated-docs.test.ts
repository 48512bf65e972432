import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { generatedDocs } from '../../scripts/generated-docs.ts';

const files = await generatedDocs();

test.each(Object.keys(files))('P12: %s is what the sources say (`npm run docs` writes it)', (path) => {
  expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined).toBe(files[path]);
});
