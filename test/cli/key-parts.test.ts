import { describe, expect, test } from '@jest/globals';
import { cli, folderWith } from '../support/cli.ts';

/** Keys that alerts share by mistake, because a part of them is empty. */

const ask = (key: string) => `workflow:
  id: triage
  steps:
    - { name: ask, provider: { type: openaiassistant, with: { model: gpt-6-luna, prompt: hi, thread: { key: "${key}" } } } }
`;
const queued = (key: string) => `workflow:
  id: triage
  concurrency: { key: "${key}" }
  steps:
    - { name: ask, provider: { type: mock } }
`;
const run = (workflow: string, alert: object) =>
  cli(['run', 'w.yml', '--alert', 'a.json', '--offline', '--format', 'json'], {
    folder: folderWith({ 'w.yml': workflow, 'a.json': JSON.stringify(alert) }),
  });

describe.each([
  ['a thread', ask],
  ['`concurrency`', queued],
])('the key of %s', (_, workflow) => {
  test.each([
    ['empty', { labels: { host: '' } }],
    ['blank', { labels: { host: ' ' } }],
    ['null', { labels: { host: null } }],
  ])('with a part that is %s is refused, with what to do', async (_name, alert) => {
    const { code, stdout, stderr } = await run(workflow('host:{{ alert.labels.host }}'), alert);
    expect(code).toBe(1);
    const said = stdout + stderr;
    expect(said).toContain('`{{ alert.labels.host }}` is empty, so the key `host:{{ alert.labels.host }}`');
    expect(said).toContain('default alert.labels.host alert.fingerprint');
  });

  test('with an empty part of three braces is refused, too', async () => {
    const { code, stdout, stderr } = await run(workflow('host:{{{ alert.labels.host }}}'), { labels: { host: '' } });
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('`{{{ alert.labels.host }}}` is empty');
  });

  test('may say what stands for an empty part', async () => {
    const key = 'host:{{ default alert.labels.host alert.fingerprint }}';
    const { code } = await run(workflow(key), { fingerprint: 'f', labels: { host: '' } });
    expect(code).toBe(0);
  });
});
