import { expect, test } from '@jest/globals';
import { lineOf, mistakes } from './support.ts';

const withFunction = (parameters: string, template: string) => `workflow:
  id: one
  steps:
    - name: triage
      provider:
        type: openaiassistant
        with:
          model: gpt-6-luna
          prompt: Hi
          tools:
            - function: restart
              ${parameters}
              provider: { type: mock, with: { output: "${template}" } }
`;
const HOST = 'properties: { host: { type: string } }';
const found = async (parameters: string, template: string) => (await mistakes(withFunction(parameters, template))).map(lineOf);

test("a function's step may read the arguments that its parameters declare, and no others", async () => {
  const declared = `parameters: { type: object, ${HOST}, required: [host] }`;
  expect(await found(declared, '{{ args.host }} {{ args }}')).toEqual([]);
  expect(await found(declared, '{{ args.hots }}')).toEqual([
    expect.stringMatching(/unknown-name there is no field of `args` `hots` \| Did you mean `host`\?/),
  ]);
  const inOpenAisForm = `type: function\n              name: restart\n              parameters: { type: object, ${HOST} }`;
  expect(await found(inOpenAisForm, '{{ args.host }}')).not.toContainEqual(expect.stringContaining('unknown-name'));
});

test.each([
  ['declared in the file of the assistant', 'description: Restarts.'],
  ['open', `parameters: { type: object, ${HOST}, additionalProperties: true }`],
  ['a choice of several', `parameters: { type: object, ${HOST}, oneOf: [{ required: [host] }] }`],
])('arguments that are %s are not known beforehand', async (_, parameters) => {
  expect(await found(parameters, '{{ args.hots }}')).not.toContainEqual(expect.stringContaining('unknown-name'));
});
