import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Json } from 'threadline/provider';
import { documentOf } from '../../src/history/read-run.ts';
import { openRunStore } from '../../src/journal/sqlite.ts';
import { folderWith } from '../../test/support/cli.ts';
import { Keep } from './test-keep.ts';

const ITEMS = '- { name: ask, provider: { type: mock, with: { output: [{ host: a, load: 3 }, { host: b, load: 9 }] } } }';
const alertNamed = (name: string) => `alert: { name: "${name}" }`;
const make = (params: string, more = '') => `- { name: make, ${more}provider: { type: keep, with: { ${params} } } }`;

/** What the history shows as the inputs of `make`. */
async function inputsOf(steps: string): Promise<Json | undefined> {
  const runs = openRunStore(join(folderWith({}), 'runs.db'), { survives: 'process-death' });
  try {
    await new Keep().run(`consts: { site: north }\nsteps:\n${steps}`, { runs, runId: 'run_1' });
    const stored = runs.get('run_1');
    if (!stored) throw new Error('the run is not kept');
    return documentOf(stored, runs.entries('run_1'), Date.now()).steps.make?.inputs;
  } finally {
    runs.close();
  }
}

test.each<[string, string, Json]>([
  ['an alert', make(alertNamed('down at {{ consts.site }}')), { alert: { name: 'down at north' } }],
  [
    'an alert for each item, and its condition as written',
    `${ITEMS}\n${make(`if: "load > 5", fingerprint_fields: [name], ${alertNamed('{{ host }}')}`)}`,
    { if: 'load > 5', fingerprint_fields: ['name'], alert: { name: 'b' } },
  ],
  ['alerts of several items', `${ITEMS}\n${make(alertNamed('{{ host }}'))}`, { alert: [{ name: 'a' }, { name: 'b' }] }],
  ['a query', make('filter: "name == \'x\'", limit: 3'), { filter: "name == 'x'", limit: 3 }],
])('the history shows the rendered parameters of a `keep` step: %s', async (_, steps, inputs) => {
  expect(await inputsOf(steps)).toEqual(inputs);
});
