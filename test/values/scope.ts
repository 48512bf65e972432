import { type Compiled, type CompileOptions, compileExpression, compileTemplate, type Scope } from '../../src/values/index.ts';

/** One alert and two steps, as the tests of this folder read them. */
export const scope = {
  alert: {
    name: 'Disk full',
    severity: 'critical',
    count: 70,
    count_text: '70',
    ratio: 0.5,
    firing: true,
    muted: false,
    nothing: null,
    empty: '',
    zero: 0,
    tags: ['db', 'prod'],
    none: [],
    labels: { team: 'sre', 'k8s.io/app': 'web', '@timestamp': 12, 'two words': 'yes' },
    items: [
      { name: 'a', count: 1, parts: [{ id: 1 }, { id: 2 }] },
      { name: 'b', count: 2, parts: [] },
    ],
  },
  steps: { 'get-pods': { results: { count: 4, names: ['p1', 'p2'] } }, plain: { results: ['x'], status: 'succeeded' } },
  inputs: { limit: 10, key: 'team' },
} satisfies Scope;

export const options: CompileOptions = { stepNames: ['get-pods', 'get', 'plain'] };

const sound = (compiled: Compiled): Compiled => {
  if (compiled.problems.length > 0) throw new Error(JSON.stringify(compiled.problems));
  return compiled;
};

export const render = (text: string, from: Scope = scope) => sound(compileTemplate(text, options)).evaluate(from);
export const evaluate = (text: string, from: Scope = scope) => sound(compileExpression(text, options)).evaluate(from);

/** The error that a run would see. */
export function failure(run: () => unknown): { code?: string; message?: string; hint?: string } {
  try {
    run();
  } catch (error) {
    return error as { code?: string; message?: string; hint?: string };
  }
  throw new Error('nothing was thrown');
}
