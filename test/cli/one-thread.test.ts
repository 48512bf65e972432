import { expect, test } from '@jest/globals';
import { startCheckedEmulator } from '../support/checked-emulator.ts';
import { folderWith, startCli } from '../support/cli.ts';

const WORKFLOW = `workflow:
  id: triage
  triggers: [{ type: alert }]
  steps:
    - name: triage
      provider:
        type: openaiassistant
        with: { model: gpt-6-luna, prompt: "{{ alert.name }}: what is it?", thread: { key: "{{ alert.fingerprint }}" } }
`;

test.each(['responses', 'chat', 'assistants'])(
  'T5: two alerts of one fingerprint in the same second, in two processes: one thread, one after the other, over %s',
  async (wire) => {
    const emulator = await startCheckedEmulator({ rules: [{ text: 'one two three four five six', chunk_latency_ms: 40 }] });
    const folder = folderWith({
      'w.yml': WORKFLOW,
      'a.json': '{"name":"disk full","fingerprint":"f"}',
      'b.json': '{"name":"disk still full","fingerprint":"f"}',
    });
    const env = { OPENAI_API_KEY: 'sk-test-thread', OPENAI_BASE_URL: emulator.url, OPENAI_API_MODE: wire };
    try {
      const runs = ['a', 'b'].map((name) =>
        startCli(['run', 'w.yml', '--alert', `${name}.json`, '--format', 'json'], { folder, env }),
      );
      const ended = await Promise.all(runs.map((run) => run.ended));
      expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
        { code: 0, stderr: '' },
        { code: 0, stderr: '' },
      ]);
      const results = ended.map(({ stdout }) => JSON.parse(stdout).steps.triage.results);
      expect(results[0].thread_id).toBe(results[1].thread_id);
      const [first, second] = results.toSorted((one, other) => one.messages.length - other.messages.length);
      const rolesOf = ({ messages }: typeof first) => messages.map(({ role }: { role: string }) => role);
      expect([rolesOf(first), rolesOf(second)]).toEqual([
        ['user', 'assistant'],
        ['user', 'assistant', 'user', 'assistant'],
      ]);
      const textsOf = ({ messages }: typeof first) => messages.map(({ text }: { text: string }) => text);
      expect(textsOf(second).slice(0, 2)).toEqual(textsOf(first));
      expect(textsOf(second)[2]).not.toBe(textsOf(first)[0]);
      expect(emulator.violations).toEqual([]);
    } finally {
      await emulator.close();
    }
  },
);
