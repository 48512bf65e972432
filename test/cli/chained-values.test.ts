import { expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

const CHAIN = `workflow:
  id: chain
  triggers: [{ type: alert }]
  steps:
    - name: triage
      provider: { type: openaiassistant, with: { model: m, prompt: first, response_format: json_object } }
    - name: explain
      provider:
        type: openaiassistant
        with: { model: m, prompt: "{{ steps.triage.results.response }}", thread: { key: "{{ alert.id }}" } }
`;
const RULES = `rules: [{ when: { prompt: first }, text: '{"severity": "high"}' }, { text: ok }]`;

test('a prompt takes what a model answered as JSON, and the key of a thread takes a number', async () => {
  const { code, stdout } = await cli(['run', 'w.yml', '--alert', '-', '--offline', '--format', 'json'], {
    files: { 'w.yml': CHAIN, 'w.rules.yml': RULES },
    stdin: '{"id": 5}',
  });
  expect(code).toBe(0);
  const { triage, explain } = JSON.parse(stdout).steps;
  expect(triage.results.response).toEqual({ severity: 'high' });
  expect(explain.results.messages[0]).toMatchObject({ role: 'user', text: '{"severity":"high"}' });
});

const TICKETS = `workflow:
  id: tickets
  triggers: [{ type: alert }]
  actions:
    - { name: open, if: "'{{ alert.ticket_id }}' == ''", provider: { type: console, with: { message: opened } } }
    - { name: comment, if: "'{{ alert.ticket_id }}' != ''", provider: { type: console, with: { message: commented } } }
`;

test.each([
  ['{"name": "disk full"}', 'open'],
  ['{"name": "disk full", "ticket_id": null}', 'open'],
  ['{"name": "disk full", "ticket_id": "T-1"}', 'comment'],
])('the right one of two branches runs for %s', async (alert, step) => {
  const args = ['run', 'w.yml', '--alert', '-', '--format', 'json'];
  const { stdout } = await cli(args, { files: { 'w.yml': TICKETS }, stdin: alert });
  const { steps } = JSON.parse(stdout);
  expect(Object.keys(steps).filter((name) => steps[name].status === 'succeeded')).toEqual([step]);
});
