import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openDatabase } from '../../src/database/sqlite.ts';
import { MIGRATIONS } from '../../src/journal/migrations.ts';
import { cli, folderWith } from '../support/cli.ts';

const BEGINNING = 'It is said once:';
const WORDS = `${BEGINNING} ${'the disk of the database is full again because of its logs '.repeat(20)}`;
const TURNS = 24;
const FILES = {
  'talk.yml': `workflow:
  id: talk
  steps:
    - name: talk
      foreach: ${JSON.stringify(Array.from({ length: TURNS }, (_, index) => index))}
      provider:
        type: openaiassistant
        with: { model: any, prompt: "turn {{ foreach.value }}: ${WORDS}", thread: { key: db-1 } }
    - name: after
      provider:
        type: openaiassistant
        with: { model: any, prompt: "And now?", thread: { key: db-1 } }
    - name: hold
      provider: { type: approval, with: { message: "Go on?" } }
    - name: read
      provider:
        type: mock
        with:
          output:
            third: "{{#each steps.talk.results.2.messages}}{{ role }} {{/each}}"
            count: "{{ length steps.talk.results.23.messages }}"
            last: "{{ steps.after.results.messages.0.text }}"
`,
  'talk.rules.yml': `rules: [{ text: "${WORDS}" }]\n`,
};

/** The text of all entries of the run, and of the files beside the database. */
function journalOf(folder: string): string {
  const database = openDatabase(join(folder, '.threadline/runs.db'), MIGRATIONS);
  const rows = database.all<{ data: string }>('SELECT data FROM entries');
  database.close();
  const results = join(folder, '.threadline/results');
  const names = existsSync(results) ? readdirSync(results, { recursive: true, encoding: 'utf8' }) : [];
  const files = names.map((file) => join(results, file));
  const texts = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, 'utf8'));
  return [...rows.map(({ data }) => data), ...texts].join('\n');
}

const rolesOf = (messages: { role: string }[]) => messages.map(({ role }) => role);

test('results refer to the history: turns on one thread take as much journal as they say, and `messages` stays what it was', async () => {
  const folder = folderWith(FILES);
  const first = await cli(['run', 'talk.yml', '--offline', '--run-id', 'r1', '--format', 'json'], { folder });
  expect([first.code, first.stderr]).toEqual([4, expect.any(String)]);
  const { results } = JSON.parse(first.stdout).steps.talk;
  expect(results.map(({ messages }: { messages: unknown[] }) => messages.length)).toEqual(
    Array.from({ length: TURNS }, (_, index) => 2 * (index + 1)),
  );
  expect(results[2].messages.map(({ text }: { text: string }) => text.slice(0, 6))).toEqual([
    'turn 0',
    'It is ',
    'turn 1',
    'It is ',
    'turn 2',
    'It is ',
  ]);
  // Each text is kept a few times (parameters, the request's answer, results), however long the thread becomes.
  const copies = journalOf(folder).split(BEGINNING).length - 1;
  expect(copies).toBeLessThan(12 * TURNS);

  const resumed = await cli(['runs', 'resume', 'r1', '--approve', '--format', 'json'], { folder });
  expect(resumed.code).toBe(0);
  const report = JSON.parse(resumed.stdout);
  expect(report.steps.read.results).toEqual({
    third: 'user assistant '.repeat(3),
    count: 2 * TURNS,
    last: expect.stringMatching(/^turn 0: It is said once/),
  });
  expect(report.steps.talk.results).toEqual(results);

  const shown = JSON.parse((await cli(['runs', 'show', 'r1', '--format', 'json'], { folder })).stdout);
  expect(shown.steps.talk.results).toEqual(results);
  expect(shown.steps.talk.items[1].results.messages).toEqual(results[1].messages);
  expect(rolesOf(shown.steps.after.results.messages)).toHaveLength(2 * TURNS + 2);

  expect((await cli(['threads', 'delete', 'db-1', '--offline'], { folder })).code).toBe(0);
  const later = JSON.parse((await cli(['runs', 'show', 'r1', '--format', 'json'], { folder })).stdout);
  expect(later.steps.after.results.messages).toEqual([
    {
      id: null,
      role: 'system',
      text: expect.stringMatching(/^\(The messages of the thread \S+ were deleted\.\)$/),
      created_at: null,
    },
  ]);
  rmSync(folder, { recursive: true });
});

test('a template that reads `messages` of a deleted thread is told so: what stands for them is not counted', async () => {
  const ask = (name: string, prompt: string) =>
    `    - { name: ${name}, provider: { type: openaiassistant, with: { model: any, prompt: "${prompt}", thread: { key: db-1 } } } }\n`;
  const folder = folderWith({
    'w.yml': `workflow:
  id: w
  steps:
${ask('first', 'hi')}    - name: count
      provider: { type: mock, with: { output: "{{ steps.first.results.messages.length }}" } }
`,
  });
  const count = async (args: string[]) => JSON.parse((await cli([...args, '--format', 'json'], { folder })).stdout).steps.count;
  expect((await count(['run', 'w.yml', '--offline', '--run-id', 'r1'])).results).toBe(2);
  expect((await cli(['threads', 'delete', 'db-1', '--offline'], { folder })).code).toBe(0);
  expect((await count(['runs', 'rerun', 'r1', '--from', 'count'])).error).toMatchObject({
    code: 'missing_value',
    message: expect.stringMatching(
      /`steps\.first\.results\.messages` is not there any more: The messages of the thread \S+ were deleted\.$/,
    ),
  });
});
