import { describe, expect, test } from '@jest/globals';
import { load } from '../engine/support.ts';
import { events, runEnded, runStarted, show } from '../report/support.ts';

const waiting = (key: string) => ({ type: 'run-waiting', run_id: 'run_2', workflow: 'w', key, holder: 'run_1' }) as const;
const said = (format: 'pretty' | 'json' | 'github', verbosity: -1 | 0 = 0, key = 'deploys') => {
  const { stdout, stderr } = show(format, events(waiting(key), runStarted(), runEnded()), { verbosity });
  return { stdout, stderr };
};
const LINE = 'w  waits for run run_1, which holds deploys';

describe('a run that waits', () => {
  test('says so on stderr, and to GitHub, which reads stdout', () => {
    expect(said('pretty').stderr).toContain(LINE);
    expect(said('json').stderr).toContain(LINE);
    expect(said('github').stdout).toContain(LINE);
  });

  test.each(['pretty', 'json', 'github'] as const)('says nothing with --quiet: %s', (format) => {
    const { stdout, stderr } = said(format, -1);
    expect(stdout + stderr).not.toContain('waits');
  });

  test.each(['pretty', 'json', 'github'] as const)('shows a key as plain text, and cuts a long one: %s', (format) => {
    const { stdout, stderr } = said(format, 0, `##[error]\u001b[2J${'x'.repeat(100_000)}`);
    for (const command of ['##[error', '\u001b']) expect(stdout + stderr).not.toContain(command);
    expect(stdout.length + stderr.length).toBeLessThan(3000);
  });
});

describe("the key of Keep's strategy", () => {
  const keyOf = async (id: string, alert?: object) => {
    const step = 'steps: [{ name: a, provider: { type: probe } }]';
    const { plan } = await load(`workflow:\n  id: ${JSON.stringify(id)}\n  strategy: nonparallel\n  ${step}\n`);
    return plan?.concurrency?.key({ alert });
  };

  test('differs for each workflow and alert', async () => {
    const keys = await Promise.all([
      keyOf('a', { fingerprint: 'f' }),
      keyOf('a', { fingerprint: 'g' }),
      keyOf('b', { fingerprint: 'f' }),
      keyOf('a/b', { fingerprint: 'c' }),
      keyOf('a', { fingerprint: 'b/c' }),
      keyOf('a', { fingerprint: { x: 1 } }),
      keyOf('a', { fingerprint: { x: 2 } }),
    ]);
    expect(new Set(keys).size).toBe(7);
  });

  test.each([[undefined], [{}], [{ fingerprint: null }], [{ fingerprint: '' }]])('is absent for %j', async (alert) => {
    expect(await keyOf('a', alert)).toBeNull();
  });
});
