import { describe, expect, test } from '@jest/globals';
import { ThreadlineError } from '../../src/index.ts';
import { failOn } from './groups-support.ts';
import { probe, run } from './support.ts';

describe('finally and on-failure', () => {
  test('finally runs after success too, reads every step, and an action of it that fails does not stop the next', async () => {
    const ran = await run(
      `steps:\n${probe('a')}\nfinally:\n${probe('x')}\n${probe('y', '', { output: '{{ steps.a.status }} {{ run.status }}' })}`,
      { probe: failOn('x') },
    );
    expect(ran.report.steps.y?.results).toBe('succeeded succeeded');
    expect(ran.report.error?.message).toBe('Step `x` of `finally` failed: no x');
    expect(ran.report.run.status).toBe('failed');
  });

  test('a failure of finally does not hide the first one', async () => {
    const ran = await run(`steps:\n${probe('a')}\nfinally:\n${probe('x')}`, { probe: failOn('a', 'x') });
    expect(ran.report.error?.message).toBe('Step `a` failed: no a (`finally` failed too: no x)');
  });

  test('a group may handle failures: its steps read each other and what had run', async () => {
    const ran = await run(
      `steps:\n${probe('a')}\n${probe('b')}\non-failure:\n  steps:\n    ${probe('x', '', { output: '{{ steps.a.results }}' })}\n    ${probe('y', '', { output: '{{ steps.x.results }} {{ run.error.code }}' })}`,
      { probe: failOn('b') },
    );
    expect(ran.report.steps['on-failure']?.results).toEqual({ x: 'a', y: 'a server_error' });
  });

  test('a handler without a message gets one, whatever the error says', async () => {
    const ran = await run(`steps:\n${probe('a')}\non-failure: { provider: { type: console, with: {} } }`, {
      probe: () => {
        throw new ThreadlineError('server_error', "it's {{ secrets.KEY }}\n'); keep.len(1)");
      },
    });
    expect(ran.report.steps['on-failure']?.results).toBe(
      "Workflow test failed with errors: Step `a` failed: it's {{ secrets.KEY }}\n'); keep.len(1)",
    );
  });

  test('what succeeded before a failure stays in the report', async () => {
    const ran = await run(
      `steps:\n${probe('a', '', { output: { n: 1 } })}\n${probe('b')}\noutputs: { n: "{{ steps.a.results.n }}", m: "{{ steps.b.results.m }}" }`,
      {
        probe: failOn('b'),
      },
    );
    expect(ran.report.steps.a?.results).toEqual({ n: 1 });
    expect(ran.report.outputs).toEqual({ n: 1 });
  });
});

describe('outputs', () => {
  test.each<[string, unknown, string]>([
    ['number', 'text', 'Output `x`: it must be a number, not "text".'],
    ['object', [], 'Output `x`: it must be an object, not [].'],
    ['list', {}, 'Output `x`: it must be a list, not {}.'],
    ['string', 5, 'Output `x`: it must be a string, not 5.'],
    ['boolean', null, 'Output `x`: it must be a boolean, not null.'],
  ])('declared as %s refuse %j, and the run fails', async (type, output, message) => {
    const ran = await run(`steps:\n${probe('a')}\noutputs: { x: { value: "{{ steps.a.results }}", type: ${type} }, y: 1 }`, {
      probe: () => output,
    });
    expect(ran.report.run.status).toBe('failed');
    expect(ran.report.error).toMatchObject({ code: 'invalid_output', message });
  });

  test('keep their types, and a map with a `value` alone is a map', async () => {
    const ran = await run(
      `steps:\n${probe('a', '', { output: [1.5, null] })}\noutputs: { x: { value: "{{ steps.a.results }}", type: list, description: d }, y: { value: 1 } }`,
    );
    expect(ran.report.outputs).toEqual({ x: [1.5, null], y: { value: 1 } });
  });
});
