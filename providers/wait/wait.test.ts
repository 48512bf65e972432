import { describe, expect, test } from '@jest/globals';
import { run } from '../../test/engine/support.ts';
import { mistakes } from '../../test/language/support.ts';

const step = (given: string) => `steps:\n- { name: hold, provider: { type: wait, with: ${given} } }`;
const held = async (given: string) => (await run(step(given))).report.steps.hold;

describe('without a journal, in the process', () => {
  test('waits for its time', async () => {
    expect((await held('{ for: 50ms }'))?.results).toEqual({ waited_ms: 50, signal: null, timed_out: false });
  });

  test.each([
    '"2020-01-01T00:00:00Z"',
    '"2020-01-01"',
    '1577836800',
    '1577836800000',
    '"1577836800"',
    '1577836800000000',
    '"Wed, 01 Jan 2020 00:00:00 GMT"',
  ])('a time that has been is not waited for: %s', async (until) => {
    expect((await held(`{ until: ${until} }`))?.results).toEqual({ waited_ms: 0, signal: null, timed_out: false });
  });

  test('a time of a template', async () => {
    const soon = new Date(Date.now() + 50).toISOString();
    const { report } = await run(step('{ until: "{{ inputs.at }}" }').replace('steps:', 'inputs: [{ name: at }]\nsteps:'), {
      inputs: { at: soon },
    });
    expect(report.steps.hold?.status).toBe('succeeded');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(soon));
  });

  test('a signal that does not come fails the step, once', async () => {
    const ended = await held('{ signal: deploy-done, timeout: 50ms }');
    expect(ended?.error).toMatchObject({ code: 'timeout', message: 'No signal `deploy-done` has come in time.' });
    expect(
      (await run(step('{ signal: s, timeout: 50ms }').replace('hold,', 'hold, retry: 3,'))).report.steps.hold?.attempts,
    ).toBe(1);
  });

  test('or is gone on without', async () => {
    const ended = await held('{ signal: deploy-done, timeout: 50ms, on_timeout: continue }');
    expect(ended?.results).toMatchObject({ signal: null, timed_out: true });
  });

  test('a signal that nobody can send ends the run as waiting', async () => {
    const { report } = await run(step('{ signal: deploy-done }'));
    expect(report).toMatchObject({ run: { status: 'waiting' }, waits: [{ step: 'hold', signal: 'deploy-done', until: null }] });
  });

  test.each(['2027-02-30', 'Sat, 30 Jan'])('%s from a template ends the step with what is written instead', async (at) => {
    const { report } = await run(step('{ until: "{{ inputs.at }}" }').replace('steps:', 'inputs: [{ name: at }]\nsteps:'), {
      inputs: { at },
    });
    const hint = expect.stringMatching(/2026-01-31T09:00:00Z .* GMT, .* since 1970/);
    expect(report.steps.hold?.error).toMatchObject({ code: 'invalid_params', message: `\`${at}\` is not a valid time.`, hint });
  });

  test('what a template gives for a time may be none', async () => {
    expect((await held('{ until: "{{ run.workflow }}" }'))?.error).toMatchObject({
      code: 'invalid_params',
      message: '`test` is not a valid time.',
    });
  });
});

test.each([
  ['{}', 'one of `for`, `until` and `signal` is needed, and no more'],
  ['{ for: 1s, signal: s }', 'one of `for`, `until` and `signal` is needed, and no more'],
  ['{ until: tomorrow }', '`tomorrow` is not a valid time'],
  ['{ until: 2027-02-30 }', '`2027-02-30` is not a valid time'],
  ['{ until: 2027-01-01T25:00:00Z }', '`2027-01-01T25:00:00Z` is not a valid time'],
  ['{ for: 1s, timeout: 1s }', '`timeout` is for `signal` only'],
  ['{ until: 1, on_timeout: fail }', '`on_timeout` is for `signal` only'],
])('%s is a mistake', async (given, message) => {
  const text = `workflow:\n  id: w\n${step(given).replace(/^/gm, '  ')}\n`;
  expect((await mistakes(text)).map((one) => one.message)).toEqual([message]);
});
