import { describe, expect, test } from '@jest/globals';
import { lineOf, mistakes, underlined } from './support.ts';

/** A workflow whose step `ask` asks an assistant, and whose next step says this. */
const reading = (message: string, { more = '', params = '' } = {}) => `workflow:
  id: w
  triggers: [{ type: manual }]
  steps:
    - name: ask
${more}      provider: { type: openaiassistant, with: { model: m, prompt: hi, ${params} } }
    - name: say
      provider: { type: console, with: { message: '${message}' } }
`;

const SCHEMA = `response_format: { schema: { type: object, additionalProperties: false, required: [verdict], properties: { verdict: { type: string } } } }`;
const OPEN = 'response_format: { schema: { type: object, properties: { verdict: { type: string } } } }';

describe('what a step reads of results whose shape is declared', () => {
  test.each([
    ['{{ steps.ask.results.respnse }}', '`steps.ask.results` has no `respnse`', 'Did you mean `response`?'],
    ['{{ actions.ask.results.txt }}', '`actions.ask.results` has no `txt`', 'Did you mean `text`?'],
    ['{{ steps.ask.results.messages[0].contnt }}', '`steps.ask.results.messages[0]` has no `contnt`', 'Did you mean `content`?'],
    ['{{ steps.ask.results.messages.0.body }}', '`steps.ask.results.messages[0]` has no `body`', 'There are: id, role'],
    ['{{ steps.ask.results.text.verdict }}', '`steps.ask.results.text` is text, and has no `verdict`', ''],
    ['{{ steps.ask.results.output_items }}', '`steps.ask.results` has no `output_items`', 'server_response.output'],
    ['{{ last_workflow_results.ask[0].respnse }}', '`last_workflow_results.ask[0]` has no `respnse`', 'Did you mean `response`?'],
    ['{{#each steps.ask.results.mesages}}x{{/each}}', '`steps.ask.results` has no `mesages`', 'Did you mean `messages`?'],
  ])('%s is a mistake with its place', async (template, message, hint) => {
    const text = reading(template);
    const found = await mistakes(text);
    expect(found.map(lineOf)).toEqual([expect.stringContaining(message)]);
    expect(found).toMatchObject([{ severity: 'error', code: 'unknown-name' }]);
    expect(found[0]?.hint ?? '').toContain(hint);
    expect(template).toContain(underlined(found[0] as never, text));
  });

  test.each([
    '{{ steps.ask.results.response }} {{ steps.ask.results.response.anything.at.all }}',
    '{{ steps.ask.results.raw_response }} {{ steps.ask.results.conversation_id }} {{ steps.ask.results.thread_id }}',
    '{{ steps.ask.results.messages[0].content }} {{ steps.ask.results.messages.0.role }}',
    '{{ steps.ask.results.usage.total_tokens }} {{ steps.ask.results.thread_usage.cost_usd }}',
    '{{ steps.ask.results.server_response.output[0].type }} {{ steps.ask.results.tool_calls[0].arguments.host }}',
  ])('%s is right', async (template) => {
    expect((await mistakes(reading(template))).map(lineOf)).toEqual([]);
  });

  test('what may be missing is only warned of', async () => {
    const found = await mistakes(reading('{{ steps.ask.results.?nope }}'));
    expect(found).toMatchObject([{ severity: 'warning', message: '`steps.ask.results` has no `nope`' }]);
  });

  test('the results of a list have an item first', async () => {
    const more = '      foreach: [1, 2]\n';
    expect(await mistakes(reading('{{ steps.ask.results[0].respnse }}', { more }))).toHaveLength(1);
    expect(await mistakes(reading('{{ steps.ask.results[0].response }}', { more }))).toEqual([]);
  });

  test('a schema that the answer is held to holds for what is read of it', async () => {
    const found = await mistakes(reading('{{ steps.ask.results.response.verdct }}', { params: SCHEMA }));
    expect(found).toMatchObject([{ severity: 'error', hint: 'Did you mean `verdict`?' }]);
    expect(await mistakes(reading('{{ steps.ask.results.response.verdict }}', { params: SCHEMA }))).toEqual([]);
  });

  test('what an open schema nearly names is warned of, and what it may have is not', async () => {
    const found = await mistakes(reading('{{ steps.ask.results.response.verdct }}', { params: OPEN }));
    expect(found).toMatchObject([{ severity: 'warning', hint: 'Did you mean `verdict`?' }]);
    expect(await mistakes(reading('{{ steps.ask.results.response.reason }}', { params: OPEN }))).toEqual([]);
  });

  test('`parse_json: false` leaves text, which has no fields', async () => {
    const found = await mistakes(reading('{{ steps.ask.results.response.verdict }}', { params: 'parse_json: false' }));
    expect(found).toMatchObject([{ severity: 'error', message: '`steps.ask.results.response` is text, and has no `verdict`' }]);
  });

  test('an enrichment that reads the results of its own step is checked too', async () => {
    const text = reading('x', { params: 'enrich_alert: [{ key: verdict, value: results.respnse.verdict }]' });
    expect(await mistakes(text)).toMatchObject([{ severity: 'error', hint: 'Did you mean `response`?' }]);
  });

  test('a time that Keep has in seconds is noted where it is read', async () => {
    const found = await mistakes(reading('{{ steps.ask.results.messages[0].created_at }}'));
    expect(found).toMatchObject([{ severity: 'note', code: 'keep-difference', message: expect.stringContaining('seconds') }]);
  });

  test('other providers that declare their results are checked alike', async () => {
    const text = reading('{{ steps.ask.results.statuscode }}').replace(
      /provider: \{ type: openaiassistant.*/,
      'provider: { type: http, with: { url: https://example.com } }',
    );
    expect(await mistakes(text)).toMatchObject([{ severity: 'error', hint: 'Did you mean `status_code`?' }]);
  });
});
