import { expect, test } from '@jest/globals';
import { schemaRefusals } from 'threadline/runtime';
import { testContext } from 'threadline/testing';
import { workflowTools } from './workflow-tools.ts';

test('a workflow with inputs of all types is a function that servers take', async () => {
  const types = ['string', 'number', 'boolean', 'choice', 'list', 'object'] as const;
  const inputs = types.map((type) => ({
    name: type,
    type,
    description: undefined,
    required: true,
    default: undefined,
    options: ['a'],
  }));
  const context = testContext({});
  context.runtime.workflow = () => ({ id: 'look up', inputs, outputs: [] });
  const [tool] = await workflowTools([{ workflow: 'lookup.yml' }], context);
  expect(tool?.parameters.properties).toMatchObject({ list: { type: 'array', items: {} }, choice: { enum: ['a'] } });
  expect(schemaRefusals(tool?.parameters ?? {}, { use: 'function', strict: false })).toEqual([]);
});
