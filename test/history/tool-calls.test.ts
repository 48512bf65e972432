import { expect, test } from '@jest/globals';
import { documentFrom } from '../../src/history/read-run.ts';
import type { RunEvent } from '../../src/plan/event.ts';

const at = '2026-11-28T00:00:00.000Z';
const started = (host: string): RunEvent => ({
  ...{ type: 'tool-started', at, step: 'ask', call_id: 'call_0', tool: 'look' },
  arguments: { host },
});
const ended = (output: string): RunEvent => ({
  ...{ type: 'tool-ended', at, step: 'ask', call_id: 'call_0', tool: 'look' },
  ...{ output, error: null, duration_ms: 1 },
});

/** The calls that the history shows of a step that has not ended. */
function callsIn(events: RunEvent[]) {
  const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost_usd: 0 };
  const summary = {
    ...({ id: 'r', workflow: 'w', file: 'w.yml', status: 'running', started_at: at, duration_ms: null, offline: false } as const),
    ...{ usage, error: null, rerun_of: null, waits_for: [], wake_at: null },
  };
  const facts = { summary, inputs: new Map(), waits: [], request: { inputs: {} }, lastMs: 0 };
  return documentFrom({ ...facts, events }).under_way.ask?.tool_calls.map(({ arguments: args, output }) => [args, output]);
}

test('calls of one round that share an id are all shown, each with its output', () => {
  expect(callsIn([started('a'), started('b'), ended('a is up'), ended('b is up')])).toEqual([
    [{ host: 'a' }, 'a is up'],
    [{ host: 'b' }, 'b is up'],
  ]);
});

test('a call that was repeated after a crash is shown once, a call of a later round with its id besides', () => {
  expect(callsIn([started('a'), started('a'), ended('a is up'), started('a'), ended('a is down')])).toEqual([
    [{ host: 'a' }, 'a is up'],
    [{ host: 'a' }, 'a is down'],
  ]);
});
