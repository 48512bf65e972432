import { expect, test } from '@jest/globals';
import type { Attachment } from '../contract/knowledge-schema.ts';
import { attach } from './attachments.ts';
import { bytesOf, failureOf, type Setup, withServer } from './test-file-server.ts';

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const files = {
  'logs/app.log': bytesOf('disk full'),
  'logs/db.log': bytesOf('slow query'),
  'report.md': bytesOf('# Report'),
  'graph.png': PNG,
};

const attached = async ({ open }: Setup, attachments: Attachment[], threadId = 'thr_1') =>
  attach(await open({ files }), attachments, threadId);

const inline = (name: string, mediaType: string, text: string) => ({
  type: 'file',
  name,
  dataUrl: `data:${mediaType};base64,${Buffer.from(text).toString('base64')}`,
});

test('I1: without tools, files become parts of the message, and nothing is uploaded', () =>
  withServer(async (setup) => {
    const { parts, ...rest } = await attached(setup, [
      { path: 'report.md' },
      { path: 'logs/*.log' },
      { glob: '*.png' },
      { file_id: 'file-1' },
      { data: { status: 'firing' }, name: 'alert.json' },
      { data: 'a,b', name: 'table.csv' },
      { data: 'data:text/plain;base64,aGk=', name: 'hi.txt' },
      { data: 'data: a, b', name: 'text.txt' },
    ]);
    expect(parts).toEqual([
      inline('report.md', 'text/markdown', '# Report'),
      inline('app.log', 'text/plain', 'disk full'),
      inline('db.log', 'text/plain', 'slow query'),
      { type: 'image', url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'auto' },
      { type: 'file', fileId: 'file-1' },
      inline('alert.json', 'application/json', '{"status":"firing"}'),
      inline('table.csv', 'text/csv', 'a,b'),
      inline('hi.txt', 'text/plain', 'hi'),
      inline('text.txt', 'text/plain', 'data: a, b'),
    ]);
    expect(rest).toEqual({ codeInterpreterFileIds: [], fileSearchStoreIds: [] });
    expect(setup.traffic()).toEqual([]);
  }));

test('I1 I2: files for tools are uploaded once, and given to the tools that they name', () =>
  withServer(async (setup) => {
    const tools: Attachment['tools'] = ['file_search', { type: 'code_interpreter' }];
    const first = await attached(setup, [{ path: 'logs/*.log', tools }]);
    expect(first).toEqual({
      parts: [],
      codeInterpreterFileIds: [expect.stringMatching(/^file-/), expect.stringMatching(/^file-/)],
      fileSearchStoreIds: [expect.stringMatching(/^vs_/)],
    });
    const { client } = await setup.open();
    const { data } = await client.vectorStores.search(first.fileSearchStoreIds[0] ?? '', { query: 'disk' });
    expect(data[0]).toMatchObject({ filename: 'app.log.txt' });
    expect(await client.vectorStores.retrieve(first.fileSearchStoreIds[0] ?? '')).toMatchObject({
      expires_after: { anchor: 'last_active_at', days: 7 },
      metadata: { thread_id: 'thr_1' },
      file_counts: { completed: 2 },
    });
    setup.traffic();
    expect(await attached(setup, [{ path: 'logs/*.log', tools }])).toEqual(first);
    expect(setup.traffic()).toEqual([]);
  }));

test('I3: a file of an earlier step is attached by its id', () =>
  withServer(async (setup) => {
    const { client } = await setup.open();
    const file_id = (await client.files.create({ file: new File(['x'], 'a.md'), purpose: 'assistants' })).id;
    const { codeInterpreterFileIds, fileSearchStoreIds } = await attached(setup, [
      { file_id, tools: ['code_interpreter'] },
      { file_id, tools: ['file_search'] },
    ]);
    expect(codeInterpreterFileIds).toEqual([file_id]);
    expect(await client.vectorStores.files.list(fileSearchStoreIds[0] ?? '')).toMatchObject({ data: [{ id: file_id }] });
  }));

test('later turns of the thread find its files, and other threads do not', () =>
  withServer(async (setup) => {
    const first = await attached(setup, [{ path: 'report.md', tools: ['file_search'] }]);
    expect((await attached(setup, [])).fileSearchStoreIds).toEqual(first.fileSearchStoreIds);
    expect((await attached(setup, [], 'thr_2')).fileSearchStoreIds).toEqual([]);
    const other = await attached(setup, [{ path: 'report.md', tools: ['file_search'] }], 'thr_2');
    expect(other.fileSearchStoreIds).not.toEqual(first.fileSearchStoreIds);
  }));

test('a file that cannot be searched fails the step, by its name, and is not uploaded', () =>
  withServer(async (setup) => {
    expect(await failureOf(attached(setup, [{ path: 'graph.png', tools: ['file_search'] }]))).toMatchObject({
      code: 'invalid_params',
      message: expect.stringMatching(/^graph.png cannot be searched: .*a PNG picture/),
    });
    expect(setup.traffic()).toEqual([]);
  }));

test.each<[string, Attachment, string]>([
  ['from nowhere', {}, 'invalid_params'],
  ['without a name', { data: 'x' }, 'invalid_params'],
  ['of a file that is not there', { path: 'none.md' }, 'file_not_found'],
  ['of a glob that matches nothing', { path: 'none/*.md' }, 'file_not_found'],
  ['of a private address', { url: 'http://10.0.0.1/x' }, 'blocked_target'],
  ['of an address with a password', { url: 'https://me:secret@example.com/x' }, 'invalid_params'],
])('an attachment %s fails the step', (_, attachment, code) =>
  withServer(async (setup) => {
    expect(await failureOf(attached(setup, [attachment]))).toMatchObject({ code });
  }),
);

test('more than fits into a request is refused with a way out', () =>
  withServer(async ({ open }) => {
    const half = new Uint8Array(26_000_000).fill(97);
    const server = await open({ files: { 'a.txt': half, 'b.txt': half } });
    expect(await failureOf(attach(server, [{ path: '*.txt' }], 'thr_1'))).toMatchObject({
      code: 'invalid_params',
      message: expect.stringContaining('b.txt is too much'),
      hint: expect.stringContaining('operation: upload'),
    });
  }));
