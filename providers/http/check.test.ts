import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import provider from './index.ts';

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' };

const check = (params: JsonObject) =>
  provider.check?.(params, { data: () => undefined, exists: () => false, workflow: () => undefined }) ?? [];

test.each([
  { url: 'https://example.com/{{ alert.id }}', json: {} },
  { url: '{{ inputs.url }}' },
  { url: '/users', query: { a: 1 } },
  { url: '/x', body: 'text={{ alert.message }}' },
  { url: '/x', json: '{{ steps.make.results }}' },
  { url: '/x', json: 'a text' },
  { url: '/x', json: { query: 'query ($host: String!) { host(name: $host) { id } }', variables: { host: '{{ alert.host }}' } } },
  { url: '/x', headers: FORM, body: 'text=hello&{{#if alert.x}}loud=1{{else}}loud=0{{/if}}' },
  { url: '/x', headers: FORM, body: 'text={{ keep.encode(alert.message) }}&at=keep.encode({{ alert.at }})' },
  { url: '/x', headers: FORM, body: '{{ steps.form.results }}' },
])('%j is right as far as can be told', (params) => {
  expect(check(params)).toEqual([]);
});

test.each(['text={{ alert.message }}&channel=low', 'a=1{{#if alert.x}}&b={{{ alert.x }}}{{/if}}'])(
  'a form written as text, in which a value could add fields, is refused with the map form: %s',
  (body) => {
    expect(check({ url: '/x', headers: FORM, body })).toEqual([
      { path: ['body'], message: expect.stringContaining('not encoded'), hint: expect.stringContaining('`form: { text:') },
    ]);
  },
);

test.each([
  [{ url: '/graphql', json: { query: '{ host(name: "{{ alert.host }}") { id } }' } }, ['json', 'query']],
  [{ url: '/api/v1/query', query: { query: 'up{host="{{ alert.host }}"}' } }, ['query', 'query']],
  [{ url: '/sql', body: { sql: "select 1 from hosts where name = '{{ alert.host }}'" } }, ['body', 'sql']],
  [{ url: '/graphql', body: '{"query": "{ host(name: \\"{{ alert.host }}\\") { id } }"}' }, ['body']],
])('a value in quotes in a query of the server’s is told: %j', (params, path) => {
  expect(check(params)).toMatchObject([{ path, severity: 'warning', hint: expect.stringContaining('variables') }]);
});

test.each([
  [{ url: '/x', json: {}, form: {} }, ['form'], '`json` and `form` are both given'],
  [{ url: '/x', query: {}, params: {} }, ['params'], '`query` and `params` are both given'],
  [
    { url: '/x', json: '{"text": "{{ alert.message }}"}' },
    ['json'],
    'this text is sent as a JSON string, not as the map that it holds',
  ],
  [{ url: '/x', body: "{'text': '{{ alert.message }}'}" }, ['body'], 'values of `{{ }}` in single quotes are not escaped'],
  [{ url: '/x', body: "[{ 'text': '{{ alert.message }}' }]" }, ['body'], 'values of `{{ }}` in single quotes are not escaped'],
  [{ url: 'ftp://example.com/' }, ['url'], '`ftp://example.com/` is not an http or https address'],
  [{ url: 'https://ann:pass@example.com/' }, ['url'], 'The url of example.com holds a user name or a password'],
])('%j is a mistake', (params, path, message) => {
  expect(check(params)).toEqual([{ path, message, hint: expect.any(String) }]);
});
