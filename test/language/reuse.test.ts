import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type LoadedWorkflow, loadWorkflow, openRegistry, type RunReport, runWorkflow } from '../../src/index.ts';
import { type Files, folderWith } from '../support/cli.ts';
import { lineOf, load, mistakes, mock } from './support.ts';

const registry = openRegistry();

async function result(workflow: LoadedWorkflow): Promise<RunReport> {
  if (!workflow.plan) throw new Error(workflow.diagnostics.map(lineOf).join('\n'));
  return runWorkflow(workflow.plan, { registry, environment: {} });
}
const resultsOf = async (text: string, files: Files = {}) => {
  const { steps, run } = await result(await load(text, files));
  expect(run.status).toBe('succeeded');
  return Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, step.results]));
};
const said = async (text: string) => (await mistakes(text)).map(lineOf);

const NOTIFY = `actions:
  - use: notify
    if: "1 == 1"
    provider: { type: mock, with: { channel: ops, list: [1, { a: 1, b: 2 }, 3], map: { x: 1, y: 2 } } }
`;
const workflow = (steps: string, more = '') => `workflow:\n  id: t\n${more}  steps:\n${steps.replace(/^(?=.)/gm, '    ')}\n`;

describe('use', () => {
  test('takes the action over; what the step says itself wins, map by map and item by item', async () => {
    const text = `${NOTIFY}${workflow('- { name: a, use: notify }\n- { name: b, use: notify, provider: { with: { channel: dev, list: [9, { b: 3 }], map: { y: null } } } }')}`;
    expect(await resultsOf(text)).toEqual({
      a: { channel: 'ops', list: [1, { a: 1, b: 2 }, 3], map: { x: 1, y: 2 } },
      b: { channel: 'dev', list: [9, { a: 1, b: 3 }, 3], map: { x: 1, y: null } },
    });
  });

  test('works in groups, in cases, in finally and in on-failure, and for whole groups', async () => {
    const text = `actions:
  - { use: fails, provider: { type: mock, with: { error: { message: no } } } }
  - { use: says, provider: { type: mock, with: { output: said } } }
  - { use: both, steps: [{ name: one, use: says }, { name: two, provider: { type: mock, with: { output: "{{ steps.one.results }}" } } }] }
${workflow('- { name: g, use: both }\n- { name: s, switch: x, cases: { x: [{ name: c, use: says }] } }\n- { name: f, use: fails }', '  finally: [{ name: last, use: says }]\n  on-failure: { steps: [{ name: h, use: says }] }\n')}`;
    const { steps, error } = await result(await load(text));
    expect(error?.message).toBe('Step `f` failed: no');
    expect(Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, step.results]))).toMatchObject({
      g: { one: 'said', two: 'said' },
      s: { c: 'said' },
      last: 'said',
      'on-failure/h': 'said',
    });
  });

  test('of a file of actions; the workflow file wins', async () => {
    const folder = folderWith({
      'actions.yaml':
        'actions:\n  - { name: notify, provider: { type: mock, with: { output: file } } }\n  - { use: other, provider: { type: mock, with: { output: other } } }\n',
      'w.yml': `actions:\n  - { use: notify, provider: { type: mock, with: { output: own } } }\n${workflow('- { name: a, use: notify }\n- { name: b, use: other }')}`,
    });
    const loaded = await loadWorkflow(join(folder, 'w.yml'), registry, { actionsFile: join(folder, 'actions.yaml') });
    const { steps } = await result(loaded);
    expect([steps.a?.results, steps.b?.results]).toEqual(['own', 'other']);
  });

  test('a mistake in a file of actions is said where it stands', async () => {
    const folder = folderWith({
      'actions.yaml': '- use: notify\n  provider: { type: mock, with: { x: "{{ steps.nope.results }}" } }\n',
      'w.yml': workflow('- { name: a, use: notify }'),
    });
    const { diagnostics, sources } = await loadWorkflow(join(folder, 'w.yml'), registry, {
      actionsFile: join(folder, 'actions.yaml'),
    });
    expect(diagnostics.map(lineOf)).toEqual(['2:42 unknown-step there is no step `nope` | Steps are: a.']);
    expect(diagnostics[0]?.place.file).toBe(join(folder, 'actions.yaml'));
    expect([...sources.keys()]).toContain(join(folder, 'actions.yaml'));
  });

  test.each<[title: string, text: string, line: string]>([
    [
      'an action that there is not',
      NOTIFY + workflow('- { name: a, use: notfy, provider: { type: mock } }'),
      '8:23 unknown-name there is no reusable action `notfy` | Did you mean `notify`?',
    ],
    [
      'none at all',
      workflow('- { name: a, use: notify, provider: { type: mock } }'),
      '4:23 unknown-name there is no reusable action `notify` | Reusable actions stand in `actions:` beside `workflow:`, or in a file of actions.',
    ],
    [
      'one that uses itself',
      `actions:\n  - use: a\n    steps: [{ name: x, use: a, provider: { type: mock } }]\n${workflow('- { name: q, use: a }')}`,
      '3:29 invalid-value reusable action `a` uses itself',
    ],
    [
      'two that use each other',
      `actions:\n  - use: a\n    steps: [{ name: x, use: b }]\n  - use: b\n    steps: [{ name: y, use: a, provider: { type: mock } }]\n${workflow('- { name: q, use: a }')}`,
      '5:29 invalid-value reusable action `a` uses itself',
    ],
    [
      'a mistyped key in one',
      `actions:\n  - { use: a, iff: true, provider: { type: mock } }\n${workflow('- { name: q, use: a }')}`,
      'Did you mean `if`?',
    ],
  ])('%s is a mistake', async (_, text, line) => {
    const lines = await said(text);
    expect(lines.join('\n')).toContain(line);
  });
});

describe('defaults', () => {
  test("a step's own word wins in whatever form it is written", async () => {
    const steps =
      '- { name: own, continue_on_error: false, provider: { type: mock, with: { error: { message: no } } } }\n- { name: after, provider: { type: mock } }';
    const { run, error } = await result(await load(workflow(steps, '  defaults: { continue-on-error: true }\n')));
    expect({ status: run.status, error: error?.message }).toEqual({ status: 'failed', error: 'Step `own` failed: no' });
  });

  const text = (step: string) =>
    workflow(
      step,
      '  defaults:\n    retry: { attempts: 2, delay: 0, on: [any] }\n    providers: { mock: { with: { a: 1, m: { x: 1 } } }, console: { with: { message: hi } } }\n',
    );

  test('fill in what a step does not say, for its type of provider, in groups too', async () => {
    expect(
      await resultsOf(
        text(
          '- { name: a, provider: { type: mock, with: { b: 2, m: { y: 2 } } } }\n- { name: g, steps: [{ name: c, provider: { type: console } }] }',
        ),
      ),
    ).toEqual({
      a: { a: 1, b: 2, m: { x: 1, y: 2 } },
      g: { c: 'hi' },
      'g/c': 'hi',
    });
  });

  test("are replaced whole by a step's own keyword", async () => {
    const steps = (
      await result(
        await load(
          text(
            '- { name: a, continue-on-error: true, provider: { type: mock, with: { error: { message: no } } } }\n- { name: b, continue-on-error: true, retry: 1, provider: { type: mock, with: { error: { message: no } } } }\n- { name: c, continue-on-error: true, on-failure: { retry: { count: 2 } }, provider: { type: mock, with: { error: { message: no } } } }',
          ),
        ),
      )
    ).steps;
    expect([steps.a?.attempts, steps.b?.attempts, steps.c?.attempts]).toEqual([2, 1, 3]);
  });

  test.each([
    ['  defaults: { timeot: 3 }\n', '3:15 unknown-key unknown key `timeot` | Did you mean `timeout`?'],
    ['  defaults: { if: true }\n', 'unknown-key'],
    ['  defaults: { timeout: soon }\n', '3:24'],
  ])('%s is a mistake', async (more, line) => {
    expect((await said(workflow('- { name: a, provider: { type: mock } }', more))).join()).toContain(line);
  });

  test('that do not fit are said where they stand', async () => {
    const lines = await said(
      workflow(
        '- { name: a, provider: { type: console } }',
        '  defaults: { providers: { console: { with: { mesage: hi } } } }\n',
      ),
    );
    expect(lines[0]).toMatch(/^3:\d+ unknown-key unknown key `mesage` \| Did you mean `message`\?$/);
  });
});

describe('the shape of a file', () => {
  const STEP = 'steps: [{ name: a, provider: { type: mock, with: { output: 1 } } }]';

  test.each([
    ['workflow', `workflow: { id: t, ${STEP} }`],
    ['alert', `alert: { id: t, ${STEP} }`],
    ['nothing', `id: t\n${STEP}`],
    ['a list of one', `workflows: [{ id: t, ${STEP} }]`],
    ["Keep's older list", `alerts: [{ id: t, ${STEP} }]`],
  ])('under %s', async (_, text) => {
    expect(await resultsOf(text)).toEqual({ a: 1 });
  });

  test('a file of several gives a plan for each, and none to run by itself', async () => {
    const { plan, plans, diagnostics } = await load(`workflows:\n  - { id: one, ${STEP} }\n  - { id: two, ${STEP} }`);
    expect([plan, plans.map(({ id }) => id), diagnostics]).toEqual([undefined, ['one', 'two'], []]);
  });

  test('steps of one workflow are no steps of another', async () => {
    const lines = await said(
      `workflows:\n  - { id: one, ${STEP} }\n  - { id: two, steps: [{ name: b, provider: { type: mock, with: { x: "{{ steps.a.results }}" } } }] }`,
    );
    expect(lines).toEqual([expect.stringMatching(/^3:\d+ unknown-step there is no step `a`/)]);
  });

  test.each([
    [
      'two of one id',
      `workflows:\n  - { id: x, ${STEP} }\n  - { id: x, ${STEP} }`,
      '3:11 duplicate-name there are two workflows called `x`',
    ],
    ['one that is not a map', `workflows:\n  - x\n  - { id: x, ${STEP} }`, '2:5 wrong-type a workflow is a map'],
    ['an empty list', 'workflows: []', 'wrong-type a workflow is a map'],
    [
      'providers of the wrong shape',
      `providers:\n  p: { authentcation: {} }\nworkflow: { id: t, ${STEP} }`,
      '2:8 unknown-key unknown key `authentcation` | Did you mean `authentication`?',
    ],
    ['steps beside the list', `workflows: [{ id: x, ${STEP} }]\n${STEP}`, '2:1 unknown-key'],
    ['disabled in words of Python', `workflow: { id: t, disabled: "True", ${STEP} }`, '1:30'],
    [
      'both concurrency and strategy',
      `workflow: { id: t, strategy: parallel, concurrency: x, ${STEP} }`,
      '1:20 invalid-value `concurrency` and `strategy` are both given | They mean the same: keep one.',
    ],
  ])('%s is a mistake', async (_, text, line) => {
    const lines = await said(text);
    expect(lines).toEqual([expect.stringContaining(line)]);
  });

  test('what is only for people is taken, and says nothing', async () => {
    const about =
      'name: T, description: d, debug: true, disabled: "true", owners: [a], services: [b], tags: [1], permissions: [], strategy: nonparallel, interval: 60';
    const { plan, diagnostics } = await load(`workflow: { id: t, ${about}, ${STEP} }`);
    expect(diagnostics).toEqual([]);
    expect([plan?.disabled, plan?.name, plan?.concurrency?.onBusy, plan?.triggers.map(({ type }) => type)]).toEqual([
      true,
      'T',
      'skip',
      ['interval'],
    ]);
  });
});

test('what Keep does otherwise is noted, and no mistake', async () => {
  const found = await mistakes(
    mock(
      'ratio: 0.5\nnothing: null\nbody: { key: a, value: b }',
      '  on-failure: { provider: { type: console, with: { message: mine } } }\n',
    ),
  );
  expect(found.map(({ severity, code }) => `${severity} ${code}`)).toEqual(Array.from({ length: 4 }, () => 'note keep-ignores'));
  expect(found.map(({ message }) => message)).toEqual([
    'Keep puts a text of its own in the place of this message',
    'Keep does not hand `ratio` to the provider',
    'Keep does not hand `nothing` to the provider',
    'Keep hands only the text of `key` to the provider',
  ]);
});

test('keys that stand beside an empty `workflow:` are taken as they are meant, with a warning', async () => {
  const { plan, diagnostics } = await load('workflow:\nid: flat\nactions:\n- name: a\n  provider:\n    type: mock\n');
  expect(plan?.steps.map(({ name }) => name)).toEqual(['a']);
  expect(diagnostics.map(lineOf)).toEqual([
    '1:1 unknown-key `workflow:` is empty, and its keys are beside it instead of inside | Indent them, or take `workflow:` out.',
  ]);
});
