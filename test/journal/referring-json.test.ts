import { mkdtempSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ReferringJson } from '../../src/journal/referring-json.ts';
import { referenceOf } from '../../src/shared/json/stored-list.ts';
import { openThreadStore } from '../../src/threads/sqlite.ts';
import { messagesOfThread } from '../../src/threads/stored-messages.ts';

const SEAL = 'a1b2';

function stateWithThread() {
  const folder = join(mkdtempSync(join(tmpdir(), 'refers-')), 'state');
  const file = join(folder, 'threads.db');
  const store = openThreadStore(file);
  store.create({ id: 'thr_1', tenant: 'triage' }, 1);
  store.append('thr_1', [{ type: 'message', role: 'user', parts: [{ type: 'text', text: 'Why?' }] }], 0);
  const messages = messagesOfThread(store, file, 'thr_1');
  store.close();
  return { folder, messages };
}

const SAID = [{ id: null, role: 'user', text: 'Why?', content: 'Why?', created_at: '1970-01-01T00:00:00.000Z' }];

test('a mark stands for a list that the store has, wherever it is in the data; it is read from there again', () => {
  const { folder, messages } = stateWithThread();
  const json = new ReferringJson(folder);
  const text = json.stringify({ results: [{ messages }, 1, null, 'x'] }, SEAL);
  expect(text).not.toContain('Why?');
  const data = json.parse(text, SEAL) as { results: [{ messages: typeof messages }] };
  expect(referenceOf(data.results[0].messages)).toMatchObject({ thread: 'thr_1', length: 1 });
  expect(data).toEqual({ results: [{ messages: SAID }, 1, null, 'x'] });
});

test('the folder of the state may be moved', () => {
  const { folder, messages } = stateWithThread();
  const text = new ReferringJson(folder).stringify({ messages }, SEAL);
  renameSync(folder, `${folder}-moved`);
  expect(new ReferringJson(`${folder}-moved`).parse(text, SEAL)).toEqual({ messages: SAID });
});

test('data cannot imitate a mark: it does not know the seal of the run', () => {
  const { folder, messages } = stateWithThread();
  const json = new ReferringJson(folder);
  const { messages: mark } = JSON.parse(json.stringify({ messages }, SEAL)) as { messages: string };
  const imitation = { alert: mark.replace(SEAL, 'other') };
  expect(json.parse(json.stringify(imitation, SEAL), SEAL)).toEqual(imitation);
});

test('a list in memory is copied', () => {
  const store = openThreadStore(':memory:');
  store.create({ id: 'thr_1', tenant: 'triage' }, 1);
  store.append('thr_1', [{ type: 'message', role: 'user', parts: [{ type: 'text', text: 'Why?' }] }], 0);
  const messages = messagesOfThread(store, ':memory:', 'thr_1');
  expect(referenceOf(messages)).toBeUndefined();
  expect(messages).toEqual(SAID);
});
