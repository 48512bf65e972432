import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { bytesOf, failureOf, withServer } from '../knowledge/test-file-server.ts';
import { runAssistant, serve } from '../testing/test-assistant.ts';
import { operate } from './test-operations.ts';

const files = { 'logs/app.log': bytesOf('disk full'), 'logs/db.log': bytesOf('slow query'), 'config.yaml': bytesOf('a: 1') };

test('I4: a step uploads a file', () =>
  withServer(async (setup) => {
    const uploaded = await operate(setup, { operation: 'upload', path: 'config.yaml', expires_after: '2h' }, { files });
    expect(uploaded).toEqual({
      file_id: expect.stringMatching(/^file-/),
      filename: 'config.yaml',
      bytes: 4,
      file_ids: [uploaded.file_id],
      files: [{ file_id: uploaded.file_id, filename: 'config.yaml', bytes: 4, is_new: true }],
    });
    expect(setup.emulator.requests[0]?.body).toEqual({
      file: 'config.yaml',
      purpose: 'user_data',
      expires_after: { anchor: 'created_at', seconds: 7200 },
    });
  }));

test('I4: a step uploads what globs match, what another step made, and nothing twice', () =>
  withServer(async (setup) => {
    const paths = ['logs/*.log', 'config.yaml', 'logs/app.log'];
    const first = await operate(setup, { operation: 'upload', paths, purpose: 'assistants' }, { files });
    expect((first.files as JsonObject[]).map(({ filename }) => filename)).toEqual(['app.log', 'db.log', 'config.yaml']);
    expect(await operate(setup, { operation: 'upload', paths, purpose: 'assistants' }, { files })).toMatchObject({
      file_ids: first.file_ids,
      files: [{ is_new: false }, { is_new: false }, { is_new: false }],
    });
    const made = await operate(setup, { operation: 'upload', data: { status: 'firing' }, name: 'alert.json' });
    expect(made).toMatchObject({ filename: 'alert.json', bytes: 19 });
    expect(setup.traffic()).toEqual(Array(4).fill('POST /files'));
  }));

test('I3: a later step attaches the file by its id', () =>
  withServer(
    async (setup) => {
      const { file_id } = await operate(setup, { operation: 'upload', path: 'logs/app.log' }, { files });
      const attachments = [{ file_id: String(file_id) }];
      const { text } = await runAssistant({ prompt: 'What is wrong?', attachments }, { config: setup.config });
      expect(text).toBe('The disk is full.');
      const asked = setup.emulator.requests.find(({ path }) => path === '/responses');
      expect(JSON.stringify(asked?.body)).toContain(`{"type":"input_file","file_id":"${file_id}"}`);
    },
    { rules: [{ text: 'The disk is full.' }] },
  ));

test('I10: a step deletes a file; one that is gone already is no failure', () =>
  withServer(async (setup) => {
    const { file_id } = await operate(setup, { operation: 'upload', path: 'logs/app.log' }, { files });
    const fileId = String(file_id);
    expect(await operate(setup, { operation: 'delete_file', file_id: fileId })).toEqual({ file_id, deleted: true });
    expect(await operate(setup, { operation: 'delete_file', file_id: fileId })).toEqual({ file_id, deleted: false });
  }));

test.each([
  ['a lifetime that no server takes', { path: 'config.yaml', expires_after: '5m' }, 'one hour to 30 days'],
  ['one name for several files', { path: 'logs/*.log', name: 'all.log' }, 'matches 2'],
  ['a file that is not there', { path: 'none.txt' }, 'none.txt'],
  ['a glob that matches nothing', { path: 'none/*' }, 'none/*'],
  ['nothing', {}, 'needs `path` or `paths` or `data`'],
])('%s is not uploaded', (_, params, message) =>
  withServer(async (setup) => {
    expect((await failureOf(operate(setup, { operation: 'upload', ...params }, { files }))).message).toContain(message);
    expect(setup.traffic()).toEqual([]);
  }),
);

test('an operation has a deadline', async () => {
  const base_url = await serve((request) => request.resume());
  await withServer(async (setup) => {
    const params = { operation: 'upload', path: 'config.yaml', timeout: '50ms' } as const;
    const failure = await failureOf(operate(setup, params, { files, config: { base_url } }));
    expect(failure).toMatchObject({ code: 'timeout', message: '`operation: upload` took longer than 0.05 seconds.' });
  });
});
