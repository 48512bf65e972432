import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createReporter } from '../../src/report/index.ts';
import { Capture, events, reportOf, runEnded, runStarted, stepEnded, stepStarted, text } from './support.ts';

describe('pretty, live', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-03-01T10:00:00Z') });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const liveReporter = () => {
    const stderr = new Capture();
    const reporter = createReporter('pretty', { stdout: new Capture(), stderr, color: false, verbosity: 0, live: true });
    const send = (...list: Parameters<typeof events>) => events(...list).forEach((event) => void reporter.onEvent(event));
    const frame = (milliseconds: number) => {
      stderr.text = '';
      jest.advanceTimersByTime(milliseconds);
      return stderr.text;
    };
    return { stderr, reporter, send, frame };
  };

  test('redraws the running steps below the lines that stay', () => {
    const { stderr, send, frame } = liveReporter();
    send(runStarted(), stepStarted('a'), stepStarted('b', 'openaiassistant'), text('b', 'first\nsecond is '));

    expect(frame(100)).toBe(`\
alert-triage  workflows/triage.yml  run run_1
▸ b  openaiassistant
  b │ first
⠙ a  http  100ms
⠙ b  openaiassistant  100ms
    second is${' '}
`);
    send(stepEnded('a'));
    expect(frame(100)).toBe(`\u001b[3A\u001b[0J\
✓ a  http  1.2s
⠹ b  openaiassistant  200ms
    second is${' '}
`);
    stderr.text = '';
    send(text('b', 'not cut'), stepEnded('b'), runEnded());
    expect(stderr.text).toBe('\u001b[2A\u001b[0J  second is not cut\n✓ b  openaiassistant  1.2s\n');
    expect(jest.getTimerCount()).toBe(0);
  });

  test('draws ten times a second at most, however much is said', () => {
    const { send, frame, stderr } = liveReporter();
    let writes = 0;
    stderr.write = () => void writes++;
    send(runStarted(), stepStarted('a'));
    for (let index = 0; index < 10_000; index++) send(text('a', `${index}\n`));
    frame(1000);

    expect(writes).toBe(10);
  });

  test('cuts every line that changes to the columns, wide characters counted', () => {
    const { stderr, send, frame } = liveReporter();
    stderr.columns = 20;
    send(runStarted(), stepStarted('調査調査調査調査調査調査'), text('調査調査調査調査調査調査', '障害'.repeat(1000)));
    const lines = frame(100).trimEnd().split('\n').slice(1);

    expect(lines.at(-2)).toBe('⠙ 調査調査調査調査…');
    expect(lines.at(-1)).toBe('    害障害障害障害');
  });

  test('never draws more steps than a screen holds', () => {
    const { send, frame } = liveReporter();
    send(runStarted(), ...Array.from({ length: 50 }, (_, index) => stepStarted(`s${index}`)));

    expect(frame(100)).toContain('⠙ s5  http  100ms\n  … and 44 more running\n');
  });

  test('counts the items of a foreach', () => {
    const { send, frame } = liveReporter();
    const ended = (item: number, status: 'succeeded' | 'failed') =>
      ({ type: 'item-ended', step: 'each', item, status, results: null, error: null, duration_ms: 1 }) as const;
    send(runStarted(), stepStarted('each'), ended(0, 'succeeded'), ended(1, 'failed'));

    expect(frame(100)).toContain('⠙ each  http  100ms  2 done, 1 failed\n');
  });

  test('leaves no timer when the run never ends and the reporter does', () => {
    const { reporter, send } = liveReporter();
    send(runStarted(), stepStarted('a'));
    reporter.end?.(reportOf([]));

    expect(jest.getTimerCount()).toBe(0);
  });
});
