import { describe, expect, test } from '@jest/globals';
import { events, failure, log, reportOf, runEnded, runStarted, show, stepEnded, triage } from './support.ts';

describe('json', () => {
  test('prints one document, and problems on stderr', () => {
    const { stdout, stderr } = show('json', triage());

    expect(JSON.parse(stdout)).toEqual(reportOf(triage()));
    expect(stderr).toBe(`\
error: hosts: items_failed: 1 of 2 items of step \`hosts\` failed.
warning: notify: Two hosts↵are down
`);
  });

  test('quiet leaves warnings out', () => {
    const list = events(
      runStarted(),
      log('a', 'warning', 'w'),
      stepEnded('b', { error: failure('timeout', 'late'), tolerated: true }),
      runEnded(),
    );

    expect(show('json', list).stderr).toBe('warning: a: w\nwarning: b: timeout: late\n');
    expect(show('json', list, { verbosity: -1 }).stderr).toBe('');
  });

  test('names an error that no step had', () => {
    const list = events(runStarted(), runEnded({ status: 'failed', error: failure('timeout', 'The run took too long.') }));

    expect(show('json', list).stderr).toBe('error: alert-triage: timeout: The run took too long.\n');
  });

  test('steers no terminal, and is still the same data', () => {
    const hostile = '\u001b[2J\u009b31m\u007f\u202e\u2028##[error]\ud800';
    const { stdout } = show('json', events(runStarted(), runEnded({ outputs: { hostile } })));

    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there.
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]|##\[/);
    expect(JSON.parse(stdout).outputs.hostile).toBe(hostile);
  });
});

describe('jsonl', () => {
  test('prints each event on a line, as it is', () => {
    const { stdout, stderr } = show('jsonl', triage());

    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(triage());
    expect(stderr).toBe('');
  });
});
