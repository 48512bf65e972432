import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { serve } from '../testing/test-assistant.ts';
import { fetchFiles, nameCitations } from './annotations.ts';
import { attach } from './attachments.ts';
import { bytesOf, openAt, type Setup, withServer } from './test-file-server.ts';
import { upload } from './uploads.ts';

test('a file that is cited without its name gets it, with one request for each file', () =>
  withServer(async ({ open, traffic }) => {
    const server = await open();
    const { fileId } = await upload(server, { name: 'disk.md', bytes: bytesOf('x') }, 'assistants');
    traffic();
    const citation = { type: 'file_citation', file_id: fileId, start: 0, end: 3 };
    const url = { type: 'url_citation', url: 'https://example.com' };
    const named = { ...citation, file_id: 'file-known', filename: 'known.md' };
    const expected = [{ ...citation, filename: 'disk.md' }, { ...citation, filename: 'disk.md' }, url, named];
    expect(await nameCitations(server, [citation, citation, url, named])).toEqual(expected);
    expect(await nameCitations(await open(), [citation, citation, url, named])).toEqual(expected);
    expect(traffic()).toEqual(['GET /files/ID']);
  }));

test('a file that has been deleted is cited without a name', () =>
  withServer(async ({ open, traffic }) => {
    const citation = { type: 'file_citation', file_id: 'file-gone' };
    expect(await nameCitations(await open(), [citation])).toEqual([citation]);
    expect(await nameCitations(await open(), [citation])).toEqual([citation]);
    expect(traffic()).toEqual(['GET /files/ID']);
  }));

test('a server that fails to name a file does not cost the answer', async () => {
  let asked = 0;
  const base_url = await serve((_, response) => {
    asked++;
    response.writeHead(500).end();
  });
  const server = await openAt({ base_url });
  const citation = { type: 'file_citation', file_id: 'file-1' };
  expect(await nameCitations(server, [citation])).toEqual([citation]);
  await nameCitations(server, [citation]);
  expect(asked).toBe(2);
});

/** The annotations of an answer that brings files. */
async function answerWith({ open }: Setup): Promise<JsonObject[]> {
  const { client } = await open();
  const { output } = await client.responses.create({ model: 'gpt-6-luna', input: 'Draw a graph' });
  const [message] = output.filter((item) => item.type === 'message');
  const [part] = message?.content.filter((one) => one.type === 'output_text') ?? [];
  return (part?.annotations ?? []) as unknown as JsonObject[];
}

const rules = [
  {
    text: 'Here.',
    container_files: [
      { filename: 'graph.png', text: 'pixels' },
      { filename: 'data.csv', text: 'a,b' },
    ],
  },
];

test('files that the model made are fetched, and the next step attaches them as they are', () =>
  withServer(
    async (setup) => {
      const server = await setup.open();
      const annotations = await answerWith(setup);
      const files = await fetchFiles(server, [...annotations, ...annotations]);
      expect(files).toEqual([
        {
          file_id: annotations[0]?.file_id,
          filename: 'graph.png',
          media_type: 'image/png',
          bytes: 6,
          data_url: `data:image/png;base64,${Buffer.from('pixels').toString('base64')}`,
          error: null,
        },
        expect.objectContaining({ filename: 'data.csv', data_url: 'data:text/csv;base64,YSxi' }),
      ]);
      const [, csv] = files;
      const { parts } = await attach(server, [{ data: csv?.data_url, name: csv?.filename ?? '' }], 'thr_1');
      expect(parts).toEqual([{ type: 'file', name: 'data.csv', dataUrl: 'data:text/csv;base64,YSxi' }]);
    },
    { rules },
  ));

test('files of an assistant are fetched where they were stored', () =>
  withServer(async ({ open }) => {
    const server = await open();
    const { fileId } = await upload(server, { name: 'out.txt', bytes: bytesOf('done') }, 'user_data');
    const cited = await nameCitations(server, [{ type: 'file_path', file_id: fileId }]);
    expect(await fetchFiles(server, cited)).toMatchObject([{ filename: 'out.txt', data_url: 'data:text/plain;base64,ZG9uZQ==' }]);
  }));

test('a container that is gone is told beside the answer', () =>
  withServer(async ({ open }) => {
    const annotation = {
      type: 'container_file_citation',
      container_id: 'cntr_1',
      file_id: 'cfile_1',
      filename: '/mnt/data/a.csv',
    };
    expect(await fetchFiles(await open(), [annotation])).toEqual([
      {
        file_id: 'cfile_1',
        filename: 'a.csv',
        media_type: 'text/csv',
        bytes: 0,
        data_url: null,
        error: expect.stringContaining('404'),
      },
    ]);
  }));

test('a file above 5 MB is left at the server, and told', async () => {
  const base_url = await serve((_, response) => response.end(Buffer.alloc(5_000_001)));
  const annotation = { type: 'container_file_citation', container_id: 'cntr_1', file_id: 'cfile_1', filename: 'a.bin' };
  expect(await fetchFiles(await openAt({ base_url }), [annotation])).toMatchObject([
    { data_url: null, error: 'the file is larger than 5 MB' },
  ]);
});

test('20 MB is the most that all files of an answer have together', async () => {
  const base_url = await serve((_, response) => response.end(Buffer.alloc(4_900_000)));
  const annotations = [1, 2, 3, 4, 5].map((at) => ({
    type: 'container_file_citation',
    container_id: 'cntr_1',
    file_id: `cfile_${at}`,
  }));
  const files = await fetchFiles(await openAt({ base_url }), annotations);
  expect(files.map(({ data_url: url }) => url !== null)).toEqual([true, true, true, true, false]);
});
