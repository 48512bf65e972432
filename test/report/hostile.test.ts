import { describe, expect, test } from '@jest/globals';
import { REPORT_FORMATS } from '../../src/report/index.ts';
import { TextLines } from '../../src/report/text-lines.ts';
import { events, failure, log, runEnded, runStarted, show, stepEnded, stepStarted, text } from './support.ts';

const HOSTILE = 'a\u001b[2J\u001b]0;owned\u0007 b\u009b31m c\rd\u0000 \u202eevil \u2028 \ud800 \u007f';
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not reach a terminal.
const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u;

const everywhere = (hostile: string, name = hostile) =>
  events(
    { ...runStarted(), run_id: name, workflow: name, file: name },
    stepStarted(name, name),
    text(name, `${hostile}\n${hostile}`),
    text(name, hostile, 0),
    log(name, 'error', hostile),
    { type: 'progress', step: name, message: hostile },
    { type: 'attempt-failed', step: name, attempt: 1, error: failure(hostile, hostile, hostile), delay_ms: 1 },
    { type: 'tool-started', step: name, call_id: 'c', tool: hostile, arguments: hostile },
    { type: 'tool-ended', step: name, call_id: 'c', tool: hostile, output: hostile, error: hostile, duration_ms: 1 },
    stepEnded(name, { error: failure(hostile, hostile, hostile), results: hostile }),
    stepEnded('skipped', { status: 'skipped', reason: hostile }),
    runEnded({ status: 'failed', outputs: { [hostile]: hostile }, error: failure(hostile, `${hostile}!`, hostile) }),
  );

describe.each(REPORT_FORMATS)('%s', (format) => {
  test('lets no text from outside steer a terminal', () => {
    const { stdout, stderr } = show(format, everywhere(HOSTILE), { verbosity: 1 });

    expect(stdout + stderr).not.toMatch(STEERING);
    expect(stdout + stderr).toContain('evil');
  });

  // Work that grew with the square of the length would take an hour.
  test.each(['x', `${'x'.repeat(99)}\n`, '\u001b', '`', '::'])(
    'survives a megabyte of %j',
    (piece) => {
      const { stdout, stderr } = show(format, everywhere(piece.repeat(1_000_000 / piece.length), 'a'));
      expect(STEERING.test(stdout + stderr)).toBe(false);
    },
    60_000,
  );

  test('takes 10,000 items that all stream', () => {
    const many = Array.from({ length: 10_000 }, (_, item) => item);
    const ended = (item: number) =>
      ({ type: 'item-ended', step: 'each', item, status: 'succeeded', results: item, error: null, duration_ms: 1 }) as const;
    const list = events(
      runStarted(),
      stepStarted('each'),
      ...many.map((item) => text('each', `${item} says`, item)),
      ...many.map((item) => text('each', ' something', item)),
      ...many.map(ended),
      stepEnded('each', { items: many.map((results) => ({ status: 'succeeded', results, error: null }) as const) }),
      runEnded(),
    );
    const { stdout, stderr } = show(format, list);

    if (format === 'pretty' || format === 'github') expect(stdout + stderr).toContain('each[9999] │ 9999 says something\n');
    else expect(stdout).toMatch(/"results": ?9999/);
  });
});

describe('lines of streamed text', () => {
  test('are put together from whatever pieces they come in', () => {
    const lines = new TextLines();

    expect(['a\r', '\nb', ' c', '\n\nd'].flatMap((piece) => lines.push('s', piece))).toEqual(['a', 'b c', '']);
    expect(lines.finish('s')).toEqual(['d']);
    expect(lines.finish('s')).toEqual([]);
  });

  test('end somewhere, and never inside a character', () => {
    const lines = new TextLines();
    const shown = Array.from('😀'.repeat(5000)).flatMap((pair) => [
      ...lines.push('s', pair.charAt(0)),
      ...lines.push('s', pair.charAt(1)),
    ]);

    expect(shown.length).toBeGreaterThan(1);
    expect([...shown, ...lines.finish('s')].join('')).toBe('😀'.repeat(5000));
    expect(shown.every((line) => line.isWellFormed())).toBe(true);
  });
});
