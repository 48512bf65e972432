import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { startCheckedEmulator } from '../support/checked-emulator.ts';
import { checkRequest, checkResponse, checkStreamEvent } from '../support/openapi.ts';
import { send } from './with-emulator.ts';

const request = { model: 'gpt-6-luna', input: 'Hi' };

test('a request that conforms has no violations', () => {
  expect(checkRequest('POST', '/responses', request)).toEqual([]);
  expect(checkRequest('GET', '/conversations/conv_1/items?limit=3&order=asc', undefined)).toEqual([]);
});

test.each<[string, string, string, unknown, string]>([
  ['an unknown property', 'POST', '/responses', { ...request, response_format: {} }, 'response_format'],
  ['a value out of range', 'POST', '/responses', { ...request, temperature: 9 }, '/temperature must be <= 2'],
  ['a tool without its name', 'POST', '/responses', { ...request, tools: [{ type: 'function' }] }, '/tools/0'],
  ['too many items', 'POST', '/conversations/c/items', { items: Array(21).fill({ role: 'user', content: 'x' }) }, '20'],
  ['an unknown query parameter', 'GET', '/conversations/c/items?page=2', undefined, 'page'],
  ['a body where none belongs', 'POST', '/responses/r/cancel', { reason: 'x' }, 'takes no body'],
  ['an operation that does not exist', 'PUT', '/responses', {}, 'no such operation'],
])('finds %s in a request', (_what, method, path, body, message) => {
  expect(checkRequest(method, path, body).join('\n')).toContain(message);
});

test('finds what is missing and what is too much in a response', () => {
  expect(checkResponse('GET', '/models/m', 200, { id: 'm', object: 'model', created: 0 }).join()).toContain('owned_by');
  expect(
    checkResponse('GET', '/models/m', 200, { id: 'm', object: 'model', created: 0, owned_by: 'x', extra: 1 }).join(),
  ).toContain('extra');
  expect(checkResponse('GET', '/models/m', 404, { message: 'gone' }).join()).toContain('error');
});

test('finds unknown and misshapen events', () => {
  expect(checkStreamEvent('/responses', { type: 'response.dreamt' }).join()).toContain('no such event');
  const delta = { type: 'response.output_text.delta', item_id: 'm', output_index: 0, content_index: 0, delta: 'x', logprobs: [] };
  expect(checkStreamEvent('/responses', delta).join()).toContain('sequence_number');
  expect(checkStreamEvent('/responses', { ...delta, sequence_number: 1 })).toEqual([]);
});

test('finds what is wrong inside events that have a name and data', () => {
  const path = '/threads/t/runs';
  const data = {
    id: 'm',
    object: 'thread.message.delta',
    delta: { content: [{ index: 0, type: 'text', text: { value: 'x' } }] },
  };
  expect(checkStreamEvent(path, { event: 'thread.message.delta', data })).toEqual([]);
  expect(checkStreamEvent(path, { event: 'thread.message.dreamt', data }).join()).toContain('no such event');
  expect(checkStreamEvent(path, { event: 'thread.message.completed', data }).join()).toContain('created_at');
  expect(checkStreamEvent(path, { event: 'thread.message.delta', data: { ...data, extra: 1 } }).join()).toContain('extra');
  expect(checkStreamEvent('/assistants', { event: 'thread.message.delta', data }).join()).toContain('no stream');
});

test('the checked emulator reports what the emulator let pass', async () => {
  const emulator = await startCheckedEmulator();
  const tools = [{ type: 'function', name: 'lookup' }];
  expect((await send(emulator, '/responses', { ...request, tools })).status).toBe(200);
  expect(emulator.violations.join()).toContain('/tools/0');
  await emulator.close();
});

test('the fixture holds features and no sentences of the document', () => {
  const text = readFileSync(new URL('../fixtures/openai/schemas.json', import.meta.url), 'utf8');
  const words = [...text.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word);
  expect(words.filter((word) => word.split(' ').length > 3)).toEqual([]);
});
