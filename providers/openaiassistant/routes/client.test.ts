import { describe, expect, test } from '@jest/globals';
import { failureOf, KEY, runAssistant, serve } from '../testing/test-assistant.ts';

describe('the configuration', () => {
  test('A1 A3: without a key OpenAI is not asked', async () => {
    const error = await failureOf(runAssistant({ prompt: 'Hi' }));
    expect(error).toMatchObject({ code: 'missing_credentials', message: 'There is no API key for api.openai.com.' });
    expect(error.hint).toMatch(/OPENAI_API_KEY/);
  });

  test('A1: key, organisation and project are sent', async () => {
    const headers: unknown[] = [];
    const base_url = await serve((request, response) => {
      headers.push(request.headers);
      response.writeHead(500).end();
    });
    const config = { api_key: ` ${KEY}\n`, organization_id: 'org-1', project_id: 'proj-1', base_url };
    await failureOf(runAssistant({ prompt: 'Hi' }, { config }));
    expect(headers).toMatchObject([
      { authorization: `Bearer ${KEY}`, 'openai-organization': 'org-1', 'openai-project': 'proj-1' },
    ]);
  });

  test.each(['localhost:1234/v1', 'not a url', 'ftp://host/v1'])('a base_url that is none: %s', async (base_url) => {
    const error = await failureOf(runAssistant({ prompt: 'Hi' }, { config: { api_key: KEY, base_url } }));
    expect(error).toMatchObject({ code: 'invalid_config', hint: 'Like `https://host/v1`.' });
  });

  test.each([`${KEY}\nX-Evil: 1`, `“${KEY}”`])('a key that is none is not repeated', async (api_key) => {
    const error = await failureOf(runAssistant({ prompt: 'Hi' }, { config: { api_key } }));
    expect(error).toMatchObject({ code: 'invalid_config' });
  });
});
