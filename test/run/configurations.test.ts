import { expect, test } from '@jest/globals';
import { run } from '../engine/support.ts';

const PAGES = '- { name: page, provider: { type: probe, with: {} } }';
const ASKS = (config: string, more = '') => `- { name: ask, ${more}provider: { type: probe, config: ${config}, with: {} } }`;

const starts = (body: string, options: Parameters<typeof run>[1] = {}) => {
  const called: string[] = [];
  const running = run(body, { ...options, probe: (_, { step }) => called.push(step.name) });
  return { called, running };
};

test.each([
  ['is not there', '"{{ providers.Triage }}"', {}, 'missing_credentials', 'called `Triage`'],
  ['has an unknown key', 'Triage', { Triage: { authentication: { tokn: 'x' } } }, 'invalid_config', '`tokn`'],
  ['has a value of the wrong kind', 'Triage', { Triage: { token: 7 } }, 'invalid_config', 'must be text'],
])('a configuration that %s stops the run before its first step', async (_, config, providersFile, code, said) => {
  const { called, running } = starts(`steps:\n${PAGES}\n${ASKS(config)}`, { providersFile });
  await expect(running).rejects.toMatchObject({ code, message: expect.stringContaining(said) });
  await expect(running).rejects.toMatchObject({ message: expect.stringMatching(/workflow\.yml:\d+:\d+: step `ask`/) });
  expect(called).toEqual([]);
});

test('all configurations that are missing are named at once', async () => {
  const { running } = starts(`steps:\n${ASKS('one')}\n${ASKS('two').replace('ask', 'tell')}`);
  await expect(running).rejects.toMatchObject({ message: expect.stringMatching(/called `one`.*\n.*called `two`/) });
});

test('a configuration that a called workflow names is looked for before the first step of its caller', async () => {
  const files = { 'called.yml': `workflow:\n  id: called\n  steps:\n  ${ASKS('nowhere')}\n` };
  const calls = '- { name: call, provider: { type: workflow, with: { file: called.yml } } }';
  const { called, running } = starts(`steps:\n${PAGES}\n${calls}`, { files });
  await expect(running).rejects.toMatchObject({ message: expect.stringMatching(/called\.yml:\d+:\d+: step `ask`/) });
  expect(called).toEqual([]);
});

test('a configuration that reads the item of a list is computed when its turn comes', async () => {
  const config = '{ token: "{{ foreach.value }}" }';
  const { report } = await run(`steps:\n${ASKS(config, 'foreach: [a, b], ')}`, { probe: (_, { step }) => step.name });
  expect(report.steps.ask?.results).toEqual(['ask', 'ask']);
});

test('a step that a stub answers needs no configuration', async () => {
  const stubs = { steps: { ask: { results: 'stubbed' } } };
  const { report } = await run(`steps:\n${ASKS('nowhere')}`, { stubs });
  expect(report.steps.ask?.results).toBe('stubbed');
});
