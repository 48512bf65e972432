// `npm run docs`: writes every page and schema that is made from the sources.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { generatedDocs } from './generated-docs.ts';

for (const [path, text] of Object.entries(await generatedDocs())) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
