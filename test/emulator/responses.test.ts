import { expect, test } from '@jest/globals';
import { collect, lookup, withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';

test('a rule that matches the prompt gives the text of the answer', () =>
  withEmulator([{ when: { prompt: 'disk' }, text: 'The disk is full.' }], async ({ client }) => {
    const response = await client.responses.create({ model: MODEL, input: 'Why did the disk alert fire?' });
    expect(response.output_text).toBe('The disk is full.');
    expect(response.status).toBe('completed');
    expect(response.id).toMatch(/^resp_emulated/);
  }));

test('without a rule the answer says that it is the emulator and repeats nothing of the prompt', () =>
  withEmulator([], async ({ client }) => {
    const response = await client.responses.create({ model: MODEL, input: 'hunter2' });
    expect(response.output_text).toBe('Offline emulator: no rule for this prompt of 7 characters.');
  }));

test('the response repeats the parameters of its request', () =>
  withEmulator([], async ({ client }) => {
    const parameters = {
      instructions: 'Be brief.',
      temperature: 0.2,
      top_p: 0.5,
      max_output_tokens: 64,
      metadata: { alert: 'a1' },
    };
    const response = await client.responses.create({ model: MODEL, input: 'Hello', tools: [lookup], ...parameters });
    expect(response).toMatchObject({ model: MODEL, tools: [lookup], ...parameters });
  }));

test('usage is a quarter of the characters, in and out', () =>
  withEmulator([{ text: 'x'.repeat(40) }], async ({ client }) => {
    const response = await client.responses.create({ model: MODEL, instructions: 'i'.repeat(20), input: 'p'.repeat(60) });
    expect(response.usage).toMatchObject({ input_tokens: 20, output_tokens: 10, total_tokens: 30 });
  }));

test('streams the events of a text in order, numbered', () =>
  withEmulator([{ text: 'one two three' }], async ({ client }) => {
    const events = await collect(await client.responses.create({ model: MODEL, input: 'Count', stream: true }));
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual([...events.keys()]);
  }));

test('streams the events of a refusal', () =>
  withEmulator([{ refusal: 'I may not.' }], async ({ client }) => {
    const events = await collect(await client.responses.create({ model: MODEL, input: 'Do it', stream: true }));
    const types = new Set(events.map(({ type }) => type));
    expect([...types].filter((type) => type.includes('refusal'))).toEqual(['response.refusal.delta', 'response.refusal.done']);
  }));

test("the client's stream helper puts the text together", () =>
  withEmulator(
    [{ text: 'A longer text,\n with  odd spaces and supercalifragilisticexpialidocious words.' }],
    async ({ client }) => {
      const final = await client.responses.stream({ model: MODEL, input: 'Tell' }).finalResponse();
      expect(final.output_text).toBe('A longer text,\n with  odd spaces and supercalifragilisticexpialidocious words.');
    },
  ));

test('a refusal is a content part of a completed response', () =>
  withEmulator([{ refusal: 'I may not.' }], async ({ client }) => {
    const response = await client.responses.create({ model: MODEL, input: 'Do it' });
    expect(response.output).toMatchObject([{ type: 'message', content: [{ type: 'refusal', refusal: 'I may not.' }] }]);
  }));

test('an incomplete answer carries its reason and the text that came before', () =>
  withEmulator([{ incomplete: 'max_output_tokens', text: 'Half a' }], async ({ client }) => {
    const response = await client.responses.create({ model: MODEL, input: 'Tell' });
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output_text: 'Half a',
    });
  }));

test('an incomplete stream ends with response.incomplete', () =>
  withEmulator([{ incomplete: 'content_filter' }], async ({ client }) => {
    const events = await collect(await client.responses.create({ model: MODEL, input: 'Tell', stream: true }));
    expect(events.at(-1)?.type).toBe('response.incomplete');
  }));

test('a failed response is an HTTP success with an error in it', () =>
  withEmulator([{ failed: { code: 'server_error', message: 'Overheated.' } }], async ({ client }) => {
    const response = await client.responses.create({ model: MODEL, input: 'Tell' });
    expect(response).toMatchObject({ status: 'failed', error: { code: 'server_error', message: 'Overheated.' }, output: [] });
    const events = await collect(await client.responses.create({ model: MODEL, input: 'Tell', stream: true }));
    expect(events.at(-1)?.type).toBe('response.failed');
  }));

test('previous_response_id brings what was said before, but not the instructions', () => {
  const rules = [
    { when: { turn: 0 }, text: 'first' },
    { when: { instructions: 'secret' }, text: 'leaked' },
    { when: { turn: 1 }, text: 'second' },
  ];
  return withEmulator(rules, async ({ client }) => {
    const first = await client.responses.create({ model: MODEL, input: 'One', instructions: 'A secret.' });
    const second = await client.responses.create({ model: MODEL, input: 'Two', previous_response_id: first.id });
    expect(second.output_text).toBe('second');
    expect(second.previous_response_id).toBe(first.id);
  });
});

test('a stored response can be retrieved, its input listed, and deleted', () =>
  withEmulator([{ text: 'Kept.' }], async ({ client }) => {
    const { id } = await client.responses.create({ model: MODEL, input: 'Keep this' });
    expect((await client.responses.retrieve(id)).output_text).toBe('Kept.');
    const input = await collect(client.responses.inputItems.list(id));
    expect(input).toMatchObject([{ role: 'user', content: [{ type: 'input_text', text: 'Keep this' }] }]);
    await client.responses.delete(id);
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
  }));

test('store: false leaves nothing to retrieve or to go on from', () =>
  withEmulator([], async ({ client }) => {
    const { id } = await client.responses.create({ model: MODEL, input: 'Forget this', store: false });
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
    const next = client.responses.create({ model: MODEL, input: 'And now?', previous_response_id: id });
    await expect(next).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found', param: 'previous_response_id' });
  }));

test('input tokens are counted as the response then counts them', () =>
  withEmulator([], async ({ client }) => {
    const request = { model: MODEL, input: 'How long is this?', instructions: 'Count.', tools: [lookup] };
    const counted = await client.responses.inputTokens.count(request);
    const response = await client.responses.create(request);
    expect(counted.input_tokens).toBe(response.usage?.input_tokens);
  }));

test('images and files are taken as input', () =>
  withEmulator([{ when: { prompt: 'screenshot' }, text: 'A graph.' }], async ({ client }) => {
    const image = { type: 'input_image' as const, image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'auto' as const };
    const file = { type: 'input_file' as const, filename: 'log.txt', file_data: 'data:text/plain;base64,aGk=' };
    const content = [{ type: 'input_text' as const, text: 'See the screenshot' }, image, file];
    const response = await client.responses.create({ model: MODEL, input: [{ role: 'user', content }] });
    expect(response.output_text).toBe('A graph.');
    expect(await collect(client.responses.inputItems.list(response.id))).toMatchObject([{ content }]);
  }));
