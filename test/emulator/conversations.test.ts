import { expect, test } from '@jest/globals';
import { collect, withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';
const userMessage = (content: string) => ({ type: 'message' as const, role: 'user' as const, content });

test('a conversation is created, read, updated and deleted', () =>
  withEmulator([], async ({ client }) => {
    const created = await client.conversations.create({ metadata: { alert: 'a1' } });
    expect(created.id).toMatch(/^conv_emulated/);
    expect(await client.conversations.retrieve(created.id)).toMatchObject({ object: 'conversation', metadata: { alert: 'a1' } });
    const updated = await client.conversations.update(created.id, { metadata: { alert: 'a2' } });
    expect(updated.metadata).toEqual({ alert: 'a2' });
    expect(await client.conversations.delete(created.id)).toEqual({
      id: created.id,
      object: 'conversation.deleted',
      deleted: true,
    });
    await expect(client.conversations.retrieve(created.id)).rejects.toMatchObject({ status: 404 });
  }));

test('items are added, read and deleted one by one', () =>
  withEmulator([], async ({ client }) => {
    const { id } = await client.conversations.create({ items: [userMessage('First')] });
    const added = await client.conversations.items.create(id, { items: [userMessage('Second')] });
    const itemId = added.last_id;
    expect(await client.conversations.items.retrieve(itemId, { conversation_id: id })).toMatchObject({
      content: [{ text: 'Second' }],
    });
    await client.conversations.items.delete(itemId, { conversation_id: id });
    expect(await collect(client.conversations.items.list(id))).toHaveLength(1);
  }));

test('items are listed in pages, newest first unless asked otherwise', () =>
  withEmulator([], async ({ client, emulator }) => {
    const { id } = await client.conversations.create({ items: ['1', '2', '3', '4', '5'].map(userMessage) });
    const textsOf = async (order?: 'asc' | 'desc') => {
      const items = await collect(client.conversations.items.list(id, { limit: 2, ...(order ? { order } : {}) }));
      return items.map((item) => (item.type === 'message' && item.content[0]?.type === 'input_text' ? item.content[0].text : ''));
    };
    expect(await textsOf()).toEqual(['5', '4', '3', '2', '1']);
    expect(await textsOf('asc')).toEqual(['1', '2', '3', '4', '5']);
    expect(emulator.requests.filter(({ path }) => path.includes('after='))).toHaveLength(4);
  }));

test('a page of an empty conversation is empty', () =>
  withEmulator([], async ({ client }) => {
    const { id } = await client.conversations.create();
    const page = await client.conversations.items.list(id);
    expect(page.data).toEqual([]);
    expect(page.hasNextPage()).toBe(false);
  }));

test('a response reads the conversation and appends what was asked and answered', () =>
  withEmulator(
    [
      { when: { turn: 0 }, text: 'One.' },
      { when: { turn: 1 }, text: 'Two.' },
    ],
    async ({ client }) => {
      const { id: conversation } = await client.conversations.create();
      await client.responses.create({ model: MODEL, input: 'First?', conversation });
      const second = await client.responses.create({ model: MODEL, input: 'Second?', conversation: { id: conversation } });
      expect(second.conversation).toEqual({ id: conversation });
      const items = await collect(client.conversations.items.list(conversation, { order: 'asc' }));
      expect(items).toMatchObject([
        { role: 'user', content: [{ text: 'First?' }] },
        { role: 'assistant', content: [{ text: 'One.' }] },
        { role: 'user', content: [{ text: 'Second?' }] },
        { role: 'assistant', content: [{ text: 'Two.' }] },
      ]);
    },
  ));

test('a failed response leaves the conversation as it was', () =>
  withEmulator([{ failed: { code: 'server_error', message: 'Overheated.' } }], async ({ client }) => {
    const { id: conversation } = await client.conversations.create();
    await client.responses.create({ model: MODEL, input: 'First?', conversation });
    expect(await collect(client.conversations.items.list(conversation))).toEqual([]);
  }));

test('a second response on the same conversation at the same time is refused', () =>
  withEmulator({ latencyMs: 150 }, async ({ client, emulator }) => {
    const { id: conversation } = await client.conversations.create();
    const first = client.responses.create({ model: MODEL, input: 'First?', conversation });
    while (emulator.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = client.responses.create({ model: MODEL, input: 'Second?', conversation });
    await expect(second).rejects.toMatchObject({ status: 400, code: 'conversation_locked' });
    await first;
    await client.responses.create({ model: MODEL, input: 'Third?', conversation });
  }));

test('a conversation that does not exist is a 404', () =>
  withEmulator([], async ({ client }) => {
    const answer = client.responses.create({ model: MODEL, input: 'Hi', conversation: 'conv_none' });
    await expect(answer).rejects.toMatchObject({
      status: 404,
      error: { message: "Conversation with id 'conv_none' not found." },
    });
  }));

test('at most 20 items go into a conversation at once', () =>
  withEmulator([], async ({ client }) => {
    const items = Array.from({ length: 21 }, () => userMessage('x'));
    await expect(client.conversations.create({ items })).rejects.toMatchObject({ status: 400, code: 'array_above_max_length' });
  }));

test('an item can be named by its id instead of being sent again', () =>
  withEmulator([{ when: { prompt: 'remember me' }, text: 'I do.' }], async ({ client }) => {
    const { id } = await client.conversations.create({ items: [userMessage('remember me')] });
    const [item] = await collect(client.conversations.items.list(id));
    const input = [{ type: 'item_reference' as const, id: String(item?.id) }];
    expect((await client.responses.create({ model: MODEL, input })).output_text).toBe('I do.');
  }));
