import { expect, test } from '@jest/globals';
import { withAssistant } from '../testing/test-assistant.ts';

test('asks that name one thread by its key, by its id and by what the server calls it have it one after the other', () =>
  withAssistant([{ text: 'Hello.', latency_ms: 60 }], async ({ ask, emulator }) => {
    const thread = { key: 'db-1' };
    const { thread_id: id } = await ask({ prompt: 'One', thread });
    await fetch(`${emulator.url}/conversations/${id}`, { method: 'DELETE', headers: { authorization: 'Bearer x' } });
    await ask({ prompt: 'Two', thread });
    const posted = emulator.requests.filter(({ body }) => body !== undefined && body !== null);
    const remote = String(
      posted.map(({ body }) => (body as { conversation?: unknown }).conversation).findLast((one) => one !== undefined),
    );
    expect(remote).not.toBe(id);
    const answers = await Promise.all([
      ask({ prompt: 'Three', thread }),
      ask({ prompt: 'Four', thread_id: String(id) }),
      ask({ prompt: 'Five', thread_id: remote }),
      ask({ prompt: 'Six', thread }),
    ]);
    expect(answers.map(({ thread_id: one }) => one)).toEqual([id, id, id, id]);
    expect(answers.map(({ messages }) => messages.length).toSorted((one, other) => one - other)).toEqual([6, 8, 10, 12]);
  }));

test('a thread is asked by its key while it is deleted: neither waits for the other for ever', () =>
  withAssistant([{ text: 'Hello.', latency_ms: 60 }], async ({ ask }) => {
    const thread = { key: 'db-1' };
    const { thread_id: id } = await ask({ prompt: 'One', thread });
    const [second, deleted] = await Promise.all([
      ask({ prompt: 'Two', thread }),
      ask({ operation: 'delete_thread', thread_id: String(id) }),
    ]);
    expect(second.messages).toHaveLength(4);
    expect(deleted).toMatchObject({ deleted: true });
    expect((await ask({ prompt: 'Three', thread })).messages).toHaveLength(2);
  }));
