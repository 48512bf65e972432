import { expect, test } from '@jest/globals';
import { mistakes, mock, step } from './support.ts';

const triggered = (trigger: string) => mock('a: 1', `  triggers: [${trigger}]\n`);

test.each([
  ['the time', mock('a: "{{ now }}"'), 'keep.utcnow()'],
  ['the time as a function', mock('a: "{{ now() }}"'), 'keep.utcnow()'],
  ["Jinja's test for what is there", step('if: "alert.x is defined"\nprovider: { type: mock }'), 'has(x.y)'],
  ["Jinja's test in a statement", mock('a: "{% if alert.x is not defined %}"'), '{{#if !has(alert.x)}}'],
  ["Jinja's none", step('if: "alert.x is not none"\nprovider: { type: mock }'), '`null`'],
  ["a fork's function", mock('a: "{{ keep.get_alert_field(alert, \'x\') }}"'), 'keep.dictget(alert, "name", "none")'],
  ['events under `on`', triggered('{ type: incident, "on": [create] }'), 'events: [created, updated, deleted]'],
  ['events under `on`, read as `true`', triggered('{ type: incident, true: [create] }'), 'events: [created, updated, deleted]'],
])('%s gets what there is here as the hint', async (_, text, hint) => {
  const found = await mistakes(text);
  expect(found).toMatchObject([{ severity: 'error', hint: expect.stringContaining(hint) }]);
});

test.each([
  ['openai', 'type: openaiassistant'],
  ['ollama', 'http://localhost:11434/v1'],
  ['webhook', '`type: http` with `method: POST`'],
  ['python', 'No code is run here'],
  ['bash', 'No code is run here'],
  ['slack', 'Call its API with `http`'],
])("Keep's provider `%s` is warned of with what is built in", async (type, hint) => {
  const found = await mistakes(step(`provider: { type: ${type}, with: { prompt: hi } }`));
  expect(found).toMatchObject([{ severity: 'warning', code: 'provider-not-installed', hint: expect.stringContaining(hint) }]);
});

test('a step of `type: openai` is right as it is under the name `openaiassistant`', async () => {
  const params = `prompt: hi, model: m, max_tokens: 100, structured_output_format: { type: json_schema, json_schema: { name: verdict, schema: { type: object, properties: { a: { type: string } } } } }`;
  const found = await mistakes(step(`provider: { type: openaiassistant, with: { ${params} } }`));
  expect(found.filter(({ severity }) => severity !== 'note')).toEqual([]);
});

test.each(['{{ alert.n }} == 70', "{{ alert.n }} != 70 and alert.x == 'y'"])(
  'a value in braces that is compared with a number is noted: %s',
  async (condition) => {
    expect(await mistakes(step(`if: "${condition}"\nprovider: { type: mock }`))).toMatchObject([
      { severity: 'note', code: 'keep-difference', message: expect.stringContaining('never equals a number') },
    ]);
  },
);

test('a value in braces that is compared with text, or by its size, is the same in both', async () => {
  const text = step(`if: "{{ alert.n }} == '70' and {{ alert.n }} > 60"\nprovider: { type: mock }`);
  expect(await mistakes(text)).toEqual([]);
});

test('the tenant of a Keep server says nothing here', async () => {
  const text = step(
    `if: "keep.get_firing_time('{{ alert }}', 'minutes', tenant_id='keep') == '0.00' and keep.is_first_time('{{ alert.fingerprint }}', '24h', tenant_id='keep')"\nprovider: { type: mock }`,
  );
  expect(await mistakes(text)).toEqual([]);
});
