import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { events, failure, log, runEnded, runStarted, show, stepEnded, stepStarted, text, triage } from './support.ts';

/** What a runner would take for a command: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs */
const commandsIn = (output: string) => output.split(/\r\n|\r|\n/).filter((line) => /^\s*::/.test(line) || line.includes('##['));

describe('github', () => {
  test('shows a whole run on stdout: a group for each step, how it ended below it, annotations', () => {
    const { stdout, stderr } = show('github', triage(), { lineOfStep: (step) => (step === 'hosts' ? 12 : undefined) });

    expect(stderr).toBe('');
    expect(stdout).toBe(`\
alert-triage  workflows/triage.yml  run run_1
::group::triage  openaiassistant
  ↻ attempt 1 failed, next in 2.0s: rate_limit: The server wants fewer requests.
  → recent_deploys({"service":"api"})
  ← recent_deploys: ["9f2c1e7"]  12ms
  The API fails since the deploy.
  Roll it back.
::endgroup::
✓ triage  openaiassistant  2 attempts  1.2s
::group::hosts  http
::endgroup::
✗ hosts  http  1/2 failed  600ms
::error title=hosts%3A items_failed,file=workflows/triage.yml,line=12::items_failed: 1 of 2 items of step \`hosts\` failed.%0Ahint: Allow it with \`on-error: continue\`.%0Ahosts[1]  timeout: web-2 did not answer.
- page  skipped (severity is low)
::group::notify  console
::warning title=notify,file=workflows/triage.yml::Two hosts%0Aare down
::endgroup::
✓ notify  console  3ms
::group::Outputs
{
  "verdict": "rollback"
}
::endgroup::
✗ alert-triage failed after 4.2s  4 steps, 1 failed, 1 skipped  1,234 tokens  $0.0123
`);
  });

  test('never interleaves groups: steps that run beside the first wait for their turn', () => {
    const list = events(
      runStarted(),
      stepStarted('a'),
      stepStarted('b'),
      text('b', 'from b\n'),
      text('a', 'from a\n'),
      stepEnded('b'),
      text('a', 'more\n'),
      stepEnded('a'),
      runEnded(),
    );

    expect(show('github', list).stdout).toContain(`
::group::a  http
  from a
  more
::endgroup::
✓ a  http  1.2s
::group::b  http
  from b
::endgroup::
✓ b  http  1.2s
`);
  });

  test('closes the groups of steps that a cancelled run left unfinished', () => {
    const { stdout } = show(
      'github',
      events(runStarted(), stepStarted('a'), text('a', 'half'), stepStarted('b'), runEnded({ status: 'cancelled' })),
    );

    expect(stdout).toContain(
      '::group::a  http\n  half\n::endgroup::\n✗ a  http  stopped\n::group::b  http\n::endgroup::\n✗ b  http  stopped\n',
    );
  });

  test('annotates ten errors and ten warnings, leaves the others in the log and counts them', () => {
    const many = Array.from({ length: 12 }, (_, index) => index);
    const list = events(
      runStarted(),
      ...many.map((index) => stepEnded(`s${index}`, { error: failure('timeout', `late ${index}`) })),
      stepStarted('a'),
      ...many.map((index) => log('a', 'warning', `w${index}`)).slice(0, 11),
      stepEnded('a'),
      runEnded(),
    );
    const { stdout } = show('github', list);

    expect(stdout.match(/^::error /gm)).toHaveLength(10);
    expect(stdout.match(/^::warning /gm)).toHaveLength(10);
    expect(stdout).toContain('✗ s11  1.2s\n  timeout: late 11\n');
    expect(stdout).toContain('  warning: w10\n');
    expect(stdout).toContain('::notice title=Threadline::There are 2 more errors and 1 more warning in the log.\n');
  });

  test('escapes what would end a property or a message', () => {
    const list = events(runStarted(), stepStarted('a,b:c%'), log('a,b:c%', 'error', '100%\r\n::error::x'), runEnded());

    expect(show('github', list).stdout).toContain('::error title=a%2Cb%3Ac%25,file=workflows/triage.yml::100%25%0A::error::x\n');
  });

  test.each([
    '::set-env name=PATH::/evil',
    '  ::error::forged',
    '\u00a0::error::forged',
    'harmless ##[error]forged',
    'harmless\r::error::forged',
    'harmless\n::stop-commands::x',
    'harmless\u2028::error::forged',
    'harmless\u0085::error::forged',
  ])('disarms %j wherever it comes from', (hostile) => {
    const list = events(
      runStarted(),
      stepStarted('a', hostile),
      text('a', `${hostile}\n`),
      log('a', 'info', hostile),
      { type: 'tool-started', step: 'a', call_id: 'c', tool: hostile, arguments: { hostile } },
      { type: 'tool-ended', step: 'a', call_id: 'c', tool: hostile, output: hostile, error: null, duration_ms: 1 },
      stepEnded('a', { error: failure('timeout', hostile, hostile), reason: hostile }),
      stepEnded('b', { status: 'skipped', reason: hostile }),
      runEnded({ outputs: { hostile, [hostile]: [hostile] } }),
    );
    const { stdout } = show('github', list, { verbosity: 1 });

    expect(commandsIn(stdout).map((line) => line.slice(0, 8))).toEqual([
      '::group:',
      '::endgro',
      '::error ',
      '::group:',
      '::endgro',
    ]);
    // The runner reads stderr too, and other formats run there as well.
    for (const format of ['pretty', 'json', 'jsonl'] as const) {
      const shown = show(format, list, { verbosity: 1 });
      expect(commandsIn(shown.stdout + shown.stderr)).toEqual([]);
    }
  });

  test('appends the markdown report to the job summary', () => {
    const folder = mkdtempSync(join(tmpdir(), 'threadline-'));
    const summaryFile = join(folder, 'summary.md');
    writeFileSync(summaryFile, 'before\n');
    show('github', triage(), { summaryFile });

    expect(readFileSync(summaryFile, 'utf8')).toMatch(
      /^before\n# ❌ `alert-triage`: failed\n[\s\S]*skipped \(`severity is low`\)/,
    );
    rmSync(folder, { recursive: true });
  });

  test('a summary that cannot be written is a warning', () => {
    const { stdout } = show('github', triage(), { summaryFile: '/nowhere/summary.md' });

    expect(stdout).toMatch(/^::warning title=Threadline,\S+::The job summary could not be written: .*ENOENT/m);
  });

  test('quiet shows failures only', () => {
    expect(show('github', events(runStarted(), stepStarted('a'), stepEnded('a'), runEnded()), { verbosity: -1 }).stdout).toBe('');
    expect(show('github', triage(), { verbosity: -1 }).stdout).toMatch(/^✗ hosts {2}http {2}1\/2 failed {2}600ms\n::error /);
  });
});
