import { expect, test } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { collect, send, withEmulator } from './with-emulator.ts';

/** Every byte there is, line ends and invalid UTF-8 among them. */
const bytes = Uint8Array.from({ length: 1024 }, (_, index) => index % 256);

test('a file is uploaded, read, downloaded byte by byte and deleted', () =>
  withEmulator([], async ({ client, emulator }) => {
    const created = await client.files.create({ file: await toFile(bytes, 'träume "x".bin'), purpose: 'user_data' });
    expect(created).toMatchObject({ object: 'file', filename: 'träume "x".bin', bytes: 1024, purpose: 'user_data' });
    expect(created.id).toMatch(/^file-emulated/);
    expect(created).not.toHaveProperty('expires_at');
    expect(await client.files.retrieve(created.id)).toEqual(created);
    const content = await client.files.content(created.id);
    expect(new Uint8Array(await content.arrayBuffer())).toEqual(bytes);
    expect(await client.files.delete(created.id)).toEqual({ id: created.id, object: 'file', deleted: true });
    await expect(client.files.content(created.id)).rejects.toThrow(OpenAI.NotFoundError);
    expect(emulator.requests[0]?.body).toEqual({ file: 'träume "x".bin', purpose: 'user_data' });
  }));

test('a file can be told when to expire', () =>
  withEmulator([], async ({ client }) => {
    const file = await toFile(bytes, 'a.txt');
    const created = await client.files.create({
      file,
      purpose: 'vision',
      expires_after: { anchor: 'created_at', seconds: 3600 },
    });
    expect(created.expires_at).toBe(created.created_at + 3600);
  }));

test('files are listed in pages and by purpose, newest first unless asked otherwise', () =>
  withEmulator([], async ({ client }) => {
    for (const [index, purpose] of (['batch', 'vision', 'batch'] as const).entries())
      await client.files.create({ file: await toFile(bytes, `${index}.jsonl`), purpose });
    const namesOf = async (query: OpenAI.FileListParams) =>
      (await collect(client.files.list(query))).map(({ filename }) => filename);
    expect(await namesOf({})).toEqual(['2.jsonl', '1.jsonl', '0.jsonl']);
    expect(await namesOf({ limit: 1, order: 'asc' })).toEqual(['0.jsonl', '1.jsonl', '2.jsonl']);
    expect(await namesOf({ purpose: 'batch' })).toEqual(['2.jsonl', '0.jsonl']);
    await expect(client.files.list({ limit: 10_001 })).rejects.toMatchObject({ status: 400, param: 'limit' });
  }));

test('files for assistants are not given back', () =>
  withEmulator([], async ({ client }) => {
    const { id } = await client.files.create({ file: await toFile(bytes, 'a.txt'), purpose: 'assistants' });
    await expect(client.files.content(id)).rejects.toMatchObject({
      status: 400,
      error: { message: 'Not allowed to download files of purpose: assistants' },
    });
  }));

test('a file that streams in, without a length, is the same', () =>
  withEmulator([], async ({ client }) => {
    const file = await toFile(new Response(bytes), 'a.bin');
    expect(await client.files.create({ file, purpose: 'user_data' })).toMatchObject({ bytes: 1024 });
  }));

test.each<[string, Record<string, string>, string]>([
  ['an unknown purpose', { purpose: 'fun' }, 'purpose'],
  ['no purpose', {}, 'purpose'],
  ['an expiry that is too soon', { purpose: 'batch', 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '9' }, ''],
  ['an expiry without its anchor', { purpose: 'batch', 'expires_after[seconds]': '3600' }, 'expires_after.anchor'],
  ['an unknown field', { purpose: 'batch', colour: 'red' }, 'colour'],
])('%s is refused', (_what, fields, param) =>
  withEmulator([], async ({ emulator }) => {
    const form = new FormData();
    form.set('file', new File([bytes], 'a.txt'));
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const headers = { authorization: 'Bearer offline' };
    const response = await fetch(`${emulator.url}/files`, { method: 'POST', headers, body: form });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: param || 'expires_after.seconds' } });
  }),
);

test('a form without a file, with text in its place, or cut off is refused', () =>
  withEmulator([], async ({ emulator }) => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const field = (name: string, value: string) => `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const statusOf = async (body: string) => (await send(emulator, '/files', body, headers)).status;
    expect(await statusOf(`${field('purpose', 'batch')}--x--\r\n`)).toBe(400);
    expect(await statusOf(`${field('purpose', 'batch')}${field('file', 'text')}--x--\r\n`)).toBe(400);
    expect(await statusOf('--x\r\ncontent-dispo')).toBe(400);
  }));

test('forms belong to uploads, and JSON to everything else', () =>
  withEmulator([], async ({ emulator }) => {
    const json = await send(emulator, '/files', { file: 'a.txt', purpose: 'batch' });
    const form = new FormData();
    form.set('model', 'gpt-6-luna');
    const headers = { authorization: 'Bearer offline' };
    const multipart = await fetch(`${emulator.url}/responses`, { method: 'POST', headers, body: form });
    expect([json.status, multipart.status]).toEqual([400, 400]);
  }));

test('a file that does not exist is a 404', () =>
  withEmulator([], async ({ client }) => {
    for (const answer of [client.files.retrieve('file-none'), client.files.delete('file-none')])
      await expect(answer).rejects.toMatchObject({ status: 404, error: { message: 'No such File object: file-none' } });
  }));
