import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import provider from './index.ts';

const check = (params: JsonObject) =>
  provider.check?.(params, { data: () => undefined, exists: () => false, workflow: () => undefined }) ?? [];

test.each([
  { url: 'https://example.com/{{ alert.id }}', json: {} },
  { url: '{{ inputs.url }}' },
  { url: '/users', query: { a: 1 } },
])('%j is right as far as can be told', (params) => {
  expect(check(params)).toEqual([]);
});

test.each([
  [{ url: '/x', json: {}, form: {} }, ['form'], '`json` and `form` are both given'],
  [{ url: '/x', query: {}, params: {} }, ['params'], '`query` and `params` are both given'],
  [{ url: 'ftp://example.com/' }, ['url'], '`ftp://example.com/` is not an http or https address'],
  [{ url: 'https://ann:pass@example.com/' }, ['url'], 'The url of example.com holds a user name or a password'],
])('%j is a mistake', (params, path, message) => {
  expect(check(params)).toEqual([{ path, message, hint: expect.any(String) }]);
});
