import { describe, expect, test } from '@jest/globals';
import { events, failure, log, runEnded, runStarted, show, stepEnded, stepStarted, text, triage } from './support.ts';

describe('pretty, one line per happening', () => {
  test('shows a whole run on stderr and only the outputs on stdout', () => {
    const { stdout, stderr } = show('pretty', triage());

    expect(stderr).toBe(`\
alert-triage  workflows/triage.yml  run run_1
▸ triage  openaiassistant
  ↻ attempt 1 failed, next in 2.0s: rate_limit: The server wants fewer requests.
  → recent_deploys({"service":"api"})
  ← recent_deploys: ["9f2c1e7"]  12ms
  The API fails since the deploy.
  Roll it back.
✓ triage  openaiassistant  2 attempts  1.2s
▸ hosts  http
✗ hosts  http  1/2 failed  600ms
  items_failed: 1 of 2 items of step \`hosts\` failed.
  hint: Allow it with \`on-error: continue\`.
  hosts[1]  timeout: web-2 did not answer.
- page  skipped (severity is low)
▸ notify  console
  warning: Two hosts
  are down
✓ notify  console  3ms
✗ alert-triage failed after 4.2s  4 steps, 1 failed, 1 skipped  1,234 tokens  $0.0123
`);
    expect(stdout).toBe('{\n  "verdict": "rollback"\n}\n');
  });

  test('writes nothing to stdout when the workflow has no outputs', () => {
    expect(show('pretty', events(runStarted(), runEnded())).stdout).toBe('');
  });

  test('says at the start and at the end that a run is offline', () => {
    const { stderr } = show('pretty', events(runStarted([], true), runEnded()));

    expect(stderr).toBe(`\
alert-triage  workflows/triage.yml  run run_1
offline: answers come from the emulator, not from a model
✓ alert-triage succeeded in 4.2s  0 steps  offline
`);
  });

  test('says that a cost is unknown instead of naming a wrong one', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1, cost_usd: null };
    const { stderr } = show('pretty', events(runStarted(), { type: 'usage', step: 'a', usage }, runEnded()));

    expect(stderr).toContain('1 token  cost unknown');
  });

  test('quiet shows failures and errors, and nothing of a run that succeeds', () => {
    const ok = events(runStarted(), stepStarted('a'), text('a', 'hello\n'), stepEnded('a'), runEnded());
    const bad = events(
      runStarted(),
      stepStarted('a'),
      log('a', 'warning', 'hm'),
      log('a', 'error', 'oh'),
      stepEnded('a', { error: failure('timeout', 'Step `a` took too long.') }),
      runEnded({ status: 'failed', error: failure('timeout', 'Step `a` took too long.') }),
    );

    expect(show('pretty', ok, { verbosity: -1 }).stderr).toBe('');
    expect(show('pretty', bad, { verbosity: -1 }).stderr).toBe(`\
  a │ error: oh
✗ a  1.2s
  timeout: Step \`a\` took too long.
✗ alert-triage failed after 4.2s  1 step, 1 failed
`);
  });

  test('verbose adds debug logs, progress and results', () => {
    const list = events(
      runStarted(),
      stepStarted('a'),
      { type: 'progress', step: 'a', message: 'run queued' },
      log('a', 'debug', 'hm'),
      stepEnded('a', { results: { x: 1 } }),
      runEnded(),
    );

    expect(show('pretty', list, { verbosity: 1 }).stderr).toContain(`\
▸ a  http
  · run queued
  debug: hm
✓ a  http  1.2s
  results: {"x":1}
`);
    expect(show('pretty', list).stderr).not.toMatch(/queued|debug|results/);
  });

  test('keeps the lines of steps that stream at once whole, and says whose they are', () => {
    const list = events(
      runStarted(),
      stepStarted('a'),
      stepStarted('b'),
      text('a', 'one '),
      text('b', 'uno '),
      text('a', 'two\nthree'),
      text('b', 'dos\n'),
      stepEnded('a'),
      stepEnded('b'),
      runEnded(),
    );

    expect(show('pretty', list).stderr).toContain(`\
▸ b  http
  a │ one two
  b │ uno dos
  a │ three
✓ a  http  1.2s
✓ b  http  1.2s
`);
  });

  test('shows a failure that the workflow allows as one', () => {
    const tolerated = stepEnded('a', { error: failure('timeout', 'late'), tolerated: true });

    expect(show('pretty', events(runStarted(), tolerated, runEnded())).stderr).toContain(
      '! a  failed, allowed  1.2s\n  timeout: late\n',
    );
  });

  test('names what a cancelled run left unfinished', () => {
    const { stderr } = show(
      'pretty',
      events(runStarted(), stepStarted('a'), text('a', 'half a'), runEnded({ status: 'cancelled' })),
    );

    expect(stderr).toContain('  half a\n✗ a  http  stopped\n✗ alert-triage cancelled after 4.2s  1 step, 1 failed\n');
  });

  test('says how a waiting run goes on', () => {
    const wait = { type: 'wait-started', step: 'ask', until: null } as const;
    const said = (...waits: Parameters<typeof events>) =>
      show('pretty', events(runStarted(), stepStarted('ask', 'approval'), ...waits, runEnded({ status: 'waiting' }))).stderr;
    const one = said({ ...wait, signal: 'ask', question: { message: 'Restart db1?' } });
    expect(one).toContain('‖ waits for an answer: Restart db1?\n');
    expect(one).toContain('‖ ask  approval  waits\n');
    expect(one).toContain('  ask  Restart db1?\n  threadline runs resume run_1 --approve|--reject\n');
    const two = said(
      { ...wait, signal: 'ask', question: { message: 'One?' } },
      { ...wait, item: 1, signal: 'ask[1]', question: { message: 'Two?' }, until: '2026-12-01T08:00:00.000Z' },
      { ...wait, signal: 'deploy-done' },
      { ...wait, signal: null, until: '2026-12-02T08:00:00.000Z' },
    );
    expect(two).toContain(
      '  ask[1]  Two?  until 2026-12-01T08:00:00.000Z\n  threadline runs resume run_1 --approve|--reject --step ask[1]\n',
    );
    expect(two).toContain('  ask  signal deploy-done\n  ask  until 2026-12-02T08:00:00.000Z\n');
  });

  test('shows an error that no step had', () => {
    const error = failure('timeout', 'The run took longer than 1s.', 'Raise `timeout`.');
    const { stderr } = show('pretty', events(runStarted(), runEnded({ status: 'failed', error })));

    expect(stderr).toContain('failed after 4.2s  0 steps\n  timeout: The run took longer than 1s.\n  hint: Raise `timeout`.\n');
  });

  test('lists ten failed items and counts the others', () => {
    const items = Array.from(
      { length: 10_000 },
      () => ({ status: 'failed', results: null, error: failure('timeout', 'late') }) as const,
    );
    const { stderr } = show(
      'pretty',
      events(runStarted(), stepEnded('each', { error: failure('items_failed', 'All.'), items: [...items] }), runEnded()),
    );

    expect(stderr).toContain('10000/10000 failed');
    expect(stderr.match(/each\[\d+\]/g)).toHaveLength(10);
    expect(stderr).toContain('  … and 9,990 more failed items\n');
  });

  test('colours only when told to', () => {
    expect(show('pretty', triage()).stderr).not.toContain('\u001b');
    expect(show('pretty', triage(), { color: true }).stderr).toContain('\u001b[32m✓ \u001b[39m');
  });
});
