import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { serve, withAssistant } from '../testing/test-assistant.ts';
import { inspected, of, outline } from './test-inspect.ts';

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const failing = (status: number, error: object) =>
  serve((request, response) => {
    request.resume();
    json(response, status, { error });
  });
/** A server that knows one path. */
const only = (path: string, body: unknown) =>
  serve((request, response) => {
    request.resume();
    if (request.url === path) json(response, 200, body);
    else json(response, 404, { error: { message: `no route ${request.url}` } });
  });

describe('the key', () => {
  test.each([
    ["'sk-0123456789'", /quotes/],
    ['Bearer sk-0123456789', /Bearer/],
    ['$OPENAI_API_KEY', /name of a variable/],
    ['OPENAI_API_KEY', /name of a variable/],
    ['sk-...', /placeholder/],
    ['sk-your-api-key-here', /placeholder/],
    ['sk-01234 56789', /characters that no key has/],
  ])('A8: %j is known for none before anybody is asked', async (key, message) => {
    const findings = await inspected({ api_key: key });
    expect(outline(findings)).toEqual(['key problem', 'hello skipped']);
    expect(findings[0]).toMatchObject({ code: 'invalid_config', message: expect.stringMatching(message) });
    expect(findings[0]?.hint).toMatch(/without/);
  });

  test('A8: there is none', async () => {
    const [finding] = await inspected({ api_key: '' });
    expect(finding).toMatchObject({ check: 'key', status: 'problem', code: 'missing_credentials' });
    expect(finding?.hint).toContain('OPENAI_API_KEY');
  });

  test('A8: the server refuses it', async () => {
    const base_url = await failing(401, { message: 'Incorrect API key provided.', code: 'invalid_api_key' });
    const findings = await inspected({ base_url });
    expect(outline(findings)).toEqual(['endpoint ok', 'key problem', 'hello skipped']);
    expect(findings[1]).toMatchObject({ code: 'authentication_failed', details: { api_code: 'invalid_api_key', status: 401 } });
  });

  test('A8: it does not belong to the organisation or the project', async () => {
    const base_url = await failing(401, { message: 'No such organization.', code: 'mismatched_organization' });
    const [, key] = await inspected({ base_url, organization_id: 'org-other' });
    expect(key?.hint).toContain('OPENAI_ORG_ID');
    const other = await failing(401, { message: 'The project is not that of the key.', code: 'mismatched_project' });
    const [, second] = await inspected({ base_url: other, project_id: 'proj_other' });
    expect(second?.hint).toContain('OPENAI_PROJECT_ID');
  });

  test('A8: one that may not list models may still be good for asking them', async () => {
    const base_url = await failing(403, { message: 'Missing scopes: api.model.read' });
    const findings = await inspected({ base_url }, { asks: false });
    expect(of(findings, 'key')).toMatchObject([{ status: 'warning' }]);
    expect(of(findings, 'wire')).toHaveLength(1);
  });

  test("A8: servers of one's own need none", async () => {
    const base_url = await only('/v1/models', { data: [{ id: 'llama' }] });
    const findings = await inspected({ base_url, api_key: 'your-api-key' }, { asks: false });
    expect(outline(findings).slice(0, 2)).toEqual(['endpoint ok', 'key ok']);
  });
});

describe('the endpoint', () => {
  test('A8: its address lacks /v1', async () => {
    const url = (await only('/v1/models', { data: [] })).replace('/v1', '');
    const findings = await inspected({ base_url: url });
    expect(outline(findings)).toEqual(['endpoint problem', 'hello skipped']);
    expect(findings[0]).toMatchObject({ code: 'invalid_config', hint: `Write \`base_url: ${url}/v1\`.` });
  });

  test('A8: it is a web page', async () => {
    const base_url = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html>'),
    );
    const [finding] = await inspected({ base_url });
    expect(finding).toMatchObject({ check: 'endpoint', status: 'problem', message: expect.stringContaining('web page') });
  });

  test('A8: nobody is there', async () => {
    const findings = await inspected({ base_url: 'http://127.0.0.1:1/v1' });
    expect(outline(findings)).toEqual(['endpoint problem', 'hello skipped']);
    expect(findings[0]).toMatchObject({ code: 'connection_failed', hint: expect.stringContaining('base_url') });
  });

  test('A8: it has no list of models, which some servers do not have', async () => {
    const base_url = await only('/v1/chat/completions', {});
    expect(outline(await inspected({ base_url }, { asks: false }))).toEqual(['endpoint warning', 'wire ok', 'hello skipped']);
  });

  test('A8: it is no address at all', async () => {
    expect(await inspected({ base_url: 'localhost' })).toMatchObject(
      [{ check: 'config', code: 'invalid_config' }, {}].slice(0, 1),
    );
  });

  test('A10: the wire is not spoken there, another one is', async () => {
    const base_url = await only('/v1/chat/completions', {});
    const [, wire, hello] = await inspected({ base_url, wire: 'responses', model: 'llama' }, { asks: true }).then((all) =>
      all.filter(({ check }) => check !== 'model'),
    );
    expect(wire).toMatchObject({ check: 'wire', status: 'problem', hint: 'Use `wire: chat`, which is there.' });
    expect(hello).toMatchObject({ check: 'hello', status: 'skipped' });
  });

  test('A16: an account without credit is named where it shows first', async () => {
    const base_url = await failing(429, { message: 'You exceeded your current quota.', code: 'insufficient_quota' });
    expect(of(await inspected({ base_url }), 'quota')).toMatchObject([{ status: 'problem', code: 'quota_exceeded' }]);
  });
});

describe('the model', () => {
  const models = (data: object[]) => only('/v1/models', { object: 'list', data });

  test('A11: it is there', async () => {
    const base_url = await models([{ id: 'gpt-6-luna' }]);
    expect(of(await inspected({ base_url, model: 'gpt-6-luna' }, { asks: false }), 'model')).toMatchObject([{ status: 'ok' }]);
  });

  test('A11: it is not, and another is called nearly the same', async () => {
    const base_url = await models([{ id: 'gpt-6-luna' }, { id: 'gpt-6-sol' }]);
    const [model] = of(await inspected({ base_url, model: 'gpt-6-lunar' }), 'model');
    expect(model).toMatchObject({ status: 'problem', code: 'not_found', hint: 'Did you mean `gpt-6-luna`?' });
  });

  test('A11 R14: no model is asked that is not there', async () => {
    const base_url = await models([{ id: 'gpt-6-luna' }]);
    expect(of(await inspected({ base_url, model: 'x' }), 'hello')).toMatchObject([{ status: 'skipped' }]);
  });

  test('A14: the server says when it ends', async () => {
    const base_url = await models([
      { id: 'm', shutdown_date: '2999-01-01' },
      { id: 'old', shutdown_date: '2020-01-01' },
    ]);
    const findings = await inspected({ base_url }, { asks: false, steps: { a: { model: 'm' }, b: { model: 'old' } } });
    expect(of(findings, 'model')).toMatchObject([
      { status: 'warning', message: expect.stringContaining('is shut down on 2999-01-01'), steps: ['a'] },
      { status: 'warning', message: expect.stringContaining('was shut down on 2020-01-01'), steps: ['b'] },
    ]);
  });

  test('A14: OpenAI has said when it ends, snapshots too', async () => {
    const base_url = await models([{ id: 'gpt-4.1-mini-2025-04-14' }]);
    const config = { base_url, server: 'openai', model: 'gpt-4.1-mini-2025-04-14' } as const;
    expect(of(await inspected(config, { asks: false }), 'model')).toMatchObject([
      { status: 'warning', details: { shutdown_date: '2027-01-14' } },
    ]);
  });

  test('A11: what is the same of several steps is looked at once', async () => {
    await withAssistant([], async ({ emulator, traffic }) => {
      const model = 'gpt-6-luna';
      const steps = { a: { model, prompt: 'x' }, b: { model, prompt: 'y' }, c: { model: 'gpt-6-sol', prompt: 'z' } };
      const findings = await inspected({ base_url: emulator.url, server: 'openai' }, { steps });
      expect(of(findings, 'model').map((finding) => finding.steps)).toEqual([['a', 'b'], ['c']]);
      expect(of(findings, 'hello').map((finding) => finding.steps)).toEqual([['a', 'b'], ['c']]);
      // The further POST is the empty one that shows whether the API is there.
      expect(traffic().filter((line) => line === 'POST /responses')).toHaveLength(3);
      expect(traffic().filter((line) => line === 'GET /models')).toHaveLength(1);
    });
  });
});
