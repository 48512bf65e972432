import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { withAssistant } from '../testing/test-assistant.ts';

const text = (content: string) => new TextEncoder().encode(content);
const files = { 'runbooks/disk.md': text('# Disk\nDelete old logs.'), 'runbooks/cpu.md': text('# CPU\nLook at deploys.') };
const toolOf = (body: JsonObject | undefined, type: string) =>
  (body?.tools as JsonObject[] | undefined)?.find((tool) => tool.type === type);

test('I8 I9 I10 I11: knowledge is searched, and uploaded once', () =>
  withAssistant(
    [
      {
        when: { prompt: 'disk' },
        text: 'Delete old logs.',
        file_search: true,
        annotations: [{ type: 'file_citation', filename: 'disk.md' }],
      },
    ],
    async ({ ask, asked, traffic, events }) => {
      const params = { prompt: 'What to do about the disk?', knowledge: 'runbooks/*.md' };
      const { annotations } = await ask(params, { files });
      expect(annotations).toMatchObject([{ type: 'file_citation', filename: 'disk.md' }]);
      expect(toolOf(asked()[0], 'file_search')).toMatchObject({ vector_store_ids: [expect.stringMatching(/^vs_/)] });
      expect(events).toContainEqual({ type: 'progress', message: 'knowledge: 2 files added, 0 removed, 0 unchanged' });
      const before = traffic().length;
      await ask(params, { files });
      expect(traffic().slice(before)).toEqual(['POST /conversations', 'POST /responses']);
    },
  ));

test('I10: what is changed is uploaded again, what is gone is taken out', () =>
  withAssistant([], async ({ ask, traffic }) => {
    const params = { prompt: 'Disk?', knowledge: 'runbooks/*.md' };
    await ask(params, { files });
    const before = traffic().length;
    await ask(params, { files: { 'runbooks/disk.md': text('# Disk\nCall somebody.') } });
    const since = traffic().slice(before);
    expect(since.filter((line) => line === 'POST /files')).toHaveLength(1);
    expect(since.filter((line) => line.startsWith('DELETE /files/'))).toHaveLength(2);
  }));

test('I1 I2: attachments go to the tools that are named, in short and in full form', () =>
  withAssistant([], async ({ ask, asked }) => {
    const attachments = [
      { path: 'runbooks/disk.md', tools: ['file_search' as const] },
      { path: 'runbooks/cpu.md', tools: [{ type: 'code_interpreter' as const }] },
    ];
    const { thread_id: threadId } = await ask({ prompt: 'Read', attachments }, { files });
    expect(toolOf(asked()[0], 'file_search')).toMatchObject({ vector_store_ids: [expect.stringMatching(/^vs_/)] });
    expect(toolOf(asked()[0], 'code_interpreter')).toMatchObject({
      container: { type: 'auto', file_ids: [expect.stringMatching(/^file-/)] },
    });
    // Files that were attached for search stay with the thread.
    await ask({ prompt: 'And now?', thread_id: String(threadId) });
    expect(toolOf(asked()[1], 'file_search')).toEqual(toolOf(asked()[0], 'file_search'));
  }));

test('I3 I4: a file that a step has uploaded goes to the next one by its id', () =>
  withAssistant([], async ({ ask, asked }) => {
    const uploaded = await ask({ operation: 'upload', path: 'runbooks/disk.md' }, { files });
    expect(uploaded).toMatchObject({ file_id: expect.stringMatching(/^file-/), filename: 'disk.md' });
    await ask({ prompt: 'Read', attachments: [{ file_id: String(uploaded.file_id) }] });
    expect(JSON.stringify(asked()[0]?.input)).toContain(`"file_id":"${uploaded.file_id}"`);
  }));

test('T8 T10: threads are listed, and deleted at the server with all that was said', () =>
  withAssistant([], async ({ ask, failure, traffic }) => {
    const { thread_id: threadId } = await ask({ prompt: 'One', thread: { key: 'db-1' } });
    const list = { operation: 'list_threads' } as const;
    expect(await ask(list)).toMatchObject({ threads: [{ thread_id: threadId, key: 'db-1' }] });
    expect(await ask({ operation: 'delete_thread', key: 'db-1' })).toMatchObject({ deleted: true });
    expect(traffic().filter((line) => line.startsWith('DELETE '))).toHaveLength(3);
    expect(await ask(list)).toMatchObject({ threads: [] });
    expect(await failure({ prompt: 'Two', thread_id: String(threadId) })).toMatchObject({ code: 'thread_not_found' });
  }));

test('O9: a file that the model has made comes with the answer', () =>
  withAssistant(
    [{ text: 'See the plot.', container_files: [{ filename: 'growth.csv', text: 'day,percent' }] }],
    async ({ ask }) => {
      const { files: made } = await ask({ prompt: 'Plot', tools: ['code_interpreter'] });
      expect(made).toMatchObject([
        { filename: 'growth.csv', bytes: 11, data_url: expect.stringMatching(/^data:text\/csv;base64,/) },
      ]);
    },
  ));

test('what a wire cannot search is refused before anything is uploaded', () =>
  withAssistant([], async ({ failure, traffic }) => {
    const error = await failure({ prompt: 'Disk?', knowledge: 'runbooks/*.md', wire: 'chat' }, { files });
    expect(error).toMatchObject({ code: 'unsupported', details: { field: 'knowledge', wire: 'chat' } });
    expect(traffic()).toEqual([]);
  }));
