import { describe, expect, test } from '@jest/globals';
import { ThreadlineError } from '../../src/index.ts';
import type { Json } from '../../src/shared/json/json.ts';
import { fc } from '../support/properties.ts';
import { type Ran, run } from './support.ts';

/** What a leaf does: the first tries fail, all fail, or none. */
const Leaf = fc.record({
  kind: fc.constant('leaf' as const),
  fails: fc.constantFrom(0, 0, 0, 1, 9),
  code: fc.constantFrom('server_error' as const, 'bad_request' as const),
});
type Leaf = typeof Leaf extends fc.Arbitrary<infer Value> ? Value : never;

interface Node {
  kind: 'steps' | 'parallel' | 'switch' | 'else' | 'call';
  more: Record<string, Json>;
  children: (Node | Leaf)[];
}

const More = fc.record(
  {
    foreach: fc.constantFrom<Json>([1, 2], [], [1, 2, 3]),
    matrix: fc.constantFrom<Json>({ x: [1, 2], exclude: [{ x: 2 }] }, { x: [1], include: [{ x: 5 }] }),
    concurrency: fc.constantFrom(1, 2),
    'on-error': fc.constantFrom('stop', 'continue'),
    retry: fc.constantFrom<Json>({ attempts: 2, delay: 0 }, { attempts: 3, delay: 0, on: ['any'] }),
    timeout: fc.constantFrom(30),
    if: fc.constantFrom<Json>(true, false, '1 == 1'),
    'continue-on-error': fc.boolean(),
    continue: fc.boolean(),
    vars: fc.constantFrom<Json>({ v: "it's\n'" }),
  },
  { requiredKeys: [] },
);

const { tree } = fc.letrec<{ tree: Node | Leaf }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    Leaf,
    fc.record({
      kind: fc.constantFrom<Node['kind']>('steps', 'steps', 'parallel', 'switch', 'else', 'call'),
      more: More as fc.Arbitrary<Record<string, Json>>,
      children: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

/** The tree as steps; children of a call go into a file of their own. */
class Writing {
  readonly files: Record<string, string> = {};
  private count = 0;

  step(node: Node | Leaf): Json {
    const name = `s${this.count++}`;
    if (node.kind === 'leaf')
      return { name, provider: { type: 'probe', with: { fails: node.fails, code: node.code, step: name } } };
    const { kind, children } = node;
    const more = { ...node.more };
    if (more.foreach !== undefined) delete more.matrix;
    if (more.foreach === undefined && more.matrix === undefined) {
      delete more.concurrency;
      delete more['on-error'];
    }
    const steps = children.map((child) => this.step(child));
    if (kind === 'steps' || kind === 'parallel') return { name, ...more, [kind]: steps };
    if (kind === 'switch') return { name, ...more, switch: 'a', cases: { a: steps } };
    if (kind === 'else') return { name, ...more, if: false, steps: [this.step(LEAF)], else: steps };
    this.files[`${name}.yml`] = JSON.stringify({ workflow: { id: name, steps } });
    return { name, ...more, provider: { type: 'workflow', with: { file: `${name}.yml` } } };
  }
}

const LEAF: Leaf = { kind: 'leaf', fails: 0, code: 'server_error' };

interface Watched extends Ran {
  /** Keys of calls that ended well, and of those that were made. */
  done: string[];
  made: string[];
}

async function watch(nodes: (Node | Leaf)[]): Promise<Watched> {
  const writing = new Writing();
  const steps = nodes.map((node) => writing.step(node));
  const tries = new Map<string, number>();
  const [done, made]: [string[], string[]] = [[], []];
  const under = new Set<string>();
  const ran = await run(
    `steps: ${JSON.stringify(steps)}\nfinally: [${JSON.stringify({ name: 'last', provider: { type: 'probe', with: {} } })}]`,
    {
      runId: 'r',
      files: writing.files,
      async probe({ fails, code, step }, { idempotencyKey: key }) {
        expect(under).not.toContain(key);
        under.add(key);
        made.push(key);
        await new Promise(setImmediate);
        under.delete(key);
        const count = tries.get(key) ?? 0;
        tries.set(key, count + 1);
        if (count < Number(fails ?? 0)) throw new ThreadlineError(code as 'server_error', `no ${step}`);
        done.push(key);
        return { step: step ?? null };
      },
    },
  );
  return { ...ran, done, made };
}

/** Every value of the data that JSON could not say. */
const holes = (data: unknown, at = ''): string[] => {
  if (data === undefined) return [at];
  return data !== null && typeof data === 'object'
    ? Object.entries(data).flatMap(([key, value]) => holes(value, `${at}.${key}`))
    : [];
};

const forest = fc.array(tree, { minLength: 1, maxLength: 3 });

describe('any nesting of groups, loops, tries and called workflows', () => {
  test('ends, with an end for each start, and a report without holes', async () => {
    await fc.assert(
      fc.asyncProperty(forest, async (nodes) => {
        const { report, events } = await watch(nodes);
        expect(events[0]?.type).toBe('run-started');
        expect(events.at(-1)?.type).toBe('run-ended');
        const open = new Set<string>();
        for (const event of events) {
          if (event.type === 'step-started') {
            expect(open).not.toContain(event.step);
            open.add(event.step);
          }
          if (event.type === 'step-ended' && event.status !== 'skipped') expect(open).toContain(event.step);
          if (event.type === 'step-ended') open.delete(event.step);
        }
        expect([...open]).toEqual([]);
        expect(holes(report)).toEqual([]);
        expect(holes(events)).toEqual([]);
        expect(report.steps.last?.status).toBe('succeeded');
        expect(report.run.status === 'failed').toBe(report.error !== null);
      }),
      { numRuns: 150 },
    );
  });

  test('what was done is never done again under the same key, and no two calls under way share one', async () => {
    await fc.assert(
      fc.asyncProperty(forest, async (nodes) => {
        const { done, made } = await watch(nodes);
        expect(new Set(done).size).toBe(done.length);
        const tried = made.filter((key, index) => made.indexOf(key) !== index);
        for (const key of tried) expect(done.indexOf(key)).toBe(done.lastIndexOf(key));
      }),
      { numRuns: 150 },
    );
  });

  test('gives the same report of steps every time', async () => {
    const essence = ({ report }: Ran) =>
      Object.fromEntries(
        Object.entries(report.steps).map(([name, { status, results, error }]) => [name, { status, results, error }]),
      );
    await fc.assert(
      fc.asyncProperty(forest, async (nodes) => {
        expect(essence(await watch(nodes))).toEqual(essence(await watch(nodes)));
      }),
      { numRuns: 60 },
    );
  });
});
