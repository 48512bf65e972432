import { expect, test } from '@jest/globals';
import { ThreadlineError } from 'threadline/provider';
import { StoredJournal } from '../../../src/journal/stored-journal.ts';
import { callOnceEver } from './call-once-ever.ts';

const { signal } = new AbortController();

test('a call that has ended answers as it did, whether it failed or not', async () => {
  const memory = new StoredJournal().memoryAt('ask');
  let count = 0;
  const works = () => callOnceEver(memory, 'tools/1.0', signal, async () => ++count);
  expect([await works(), await works()]).toEqual([1, 1]);
  const fails = () =>
    callOnceEver(memory, 'tools/1.1', signal, () => Promise.reject(new ThreadlineError('timeout', `No ${++count}.`)));
  await expect(fails()).rejects.toThrow('No 2.');
  await expect(fails()).rejects.toThrow('No 2.');
});

test('a call that was aborted is made again', async () => {
  const memory = new StoredJournal().memoryAt('ask');
  const controller = new AbortController();
  const aborted = callOnceEver(memory, 'tools/1.0', controller.signal, async () => {
    controller.abort(new ThreadlineError('cancelled', 'Enough.'));
    throw new Error('The connection was closed.');
  });
  await expect(aborted).rejects.toThrow('Enough.');
  expect(await callOnceEver(memory, 'tools/1.0', signal, async () => 'done')).toBe('done');
});
