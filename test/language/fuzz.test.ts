import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FIRST_FILES } from '../../src/cli/project/first-files.ts';
import { execute } from '../../src/engine/execute.ts';
import { parseYaml } from '../../src/language/parse.ts';
import { WorkflowSchema } from '../../src/language/schema.ts';
import { StepSchema } from '../../src/language/step-schema.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { fc } from '../support/properties.ts';
import { load } from './support.ts';

const ROOT = join(import.meta.dirname, '../..');
const WORKFLOWS = [
  ...Object.values(FIRST_FILES),
  ...globSync('{workflows,test/fixtures/keep}/*.yml', { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), 'utf8')),
];

/** Small pieces that mean something to YAML or to templates. */
const PIECES = [
  '{{',
  '}}',
  '{%',
  '"',
  "'",
  ':',
  '- ',
  '\t',
  '|',
  '>',
  '&a',
  '*a',
  '<<: ',
  '[',
  '{',
  '#',
  'null',
  '1e999',
  '__proto__: 1',
  '\u0000',
  '🚨',
  '!!js/function x',
  '? ',
  '...',
  '---',
  '\r',
  'keep.len(',
];

type Edit = { kind: 'delete' | 'double' | 'insert' | 'swap' | 'cut'; at: number; to: number; piece: string };

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('delete', 'double', 'insert', 'swap', 'cut'),
  at: fc.nat(10_000),
  to: fc.nat(10_000),
  piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 })),
});

function apply(text: string, { kind, at, to, piece }: Edit): string {
  const lines = text.split('\n');
  const [from, other] = [at % lines.length, to % lines.length];
  const place = at % (text.length + 1);
  if (kind === 'insert') return text.slice(0, place) + piece + text.slice(place);
  if (kind === 'cut') return text.slice(0, place) + text.slice(place + (to % 20));
  if (kind === 'delete') lines.splice(from, 1);
  if (kind === 'double') lines.splice(other, 0, lines[from] ?? '');
  if (kind === 'swap') [lines[from], lines[other]] = [lines[other] ?? '', lines[from] ?? ''];
  return lines.join('\n');
}

/** Whatever can be made of an edited file runs to an end, with providers that answer at once. */
async function runToItsEnd(plan: Plan): Promise<void> {
  const alert = {
    name: 'disk',
    severity: 'high',
    source: ['zabbix'],
    fingerprint: 'f',
    labels: { team: 'sre' },
    hosts: ['a', 'b'],
  };
  const request = { id: 'run_1', inputs: {}, alert, incident: { id: 'i' }, env: {}, secrets: {}, offline: true };
  const ended = await execute(
    plan,
    { ...request, evaluation: { now: () => 0 } },
    {
      call: async ({ params }) => ({ params, items: [1, 2], response: { severity: 'high' } }),
      emit: () => undefined,
      alerts: { enrich: async () => undefined, hasRunSinceFiring: async () => false, noteRun: async () => undefined },
      now: () => 0,
      random: () => 0,
      sleep: async () => undefined,
      timer: () => ({ end: () => undefined, stop: () => () => undefined }),
      memory: { ended: () => undefined, began: () => undefined, noteBegin: () => undefined, noteEnd: () => undefined },
      suspended: new Promise(() => undefined),
      signal: new AbortController().signal,
    },
  );
  expect(['succeeded', 'failed']).toContain(ended.status);
  expect(ended.error?.code).not.toBe('internal');
}

describe('validate never throws and never hangs', () => {
  test('on edited workflows: it gives mistakes, or a plan', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...WORKFLOWS), fc.array(edit, { minLength: 1, maxLength: 6 }), async (text, edits) => {
        const edited = edits.reduce(apply, text);
        const { plan, plans, diagnostics } = await load(edited);
        const lines = edited.split('\n').length;
        // A file may come to hold several workflows, or none of its own.
        if (plan) expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
        else expect(plans.length > 1 || diagnostics.some((one) => one.severity === 'error')).toBe(true);
        for (const one of plans) await runToItsEnd(one);
        for (const { place, message } of diagnostics) {
          expect(message).not.toBe('');
          expect(place.line).toBeGreaterThan(0);
          expect(place.line).toBeLessThanOrEqual(lines);
          expect(place.column).toBeGreaterThan(0);
          expect(place.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500, seed: 20_260_301 },
    );
  });

  test('on keys whose values are of any kind', async () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('{{ alert.x }}', '{{', [], {}, [[]], { a: {} }));
    const key = fc.constantFrom(...Object.keys(StepSchema.properties));
    const top = fc.constantFrom(...Object.keys(WorkflowSchema.properties));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, value), fc.dictionary(top, value), async (step, rest) => {
        const { diagnostics } = await load(
          JSON.stringify({ workflow: { steps: [{ name: 'a', provider: { type: 'mock' }, ...step }], ...rest } }),
        );
        expect(Array.isArray(diagnostics)).toBe(true);
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  test('on what tries to exhaust a parser', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}]`)
      .join('\n')}\n`;
    for (const text of [
      bomb,
      `a: ${'['.repeat(20_000)}`,
      `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      'a: &x\n  b: *x\n',
    ]) {
      const { data, problems } = parseYaml(text, 'hostile.yml');
      expect(problems.length > 0 || data !== null).toBe(true);
    }
  });
});

describe('a workflow of 2,000 steps', () => {
  const steps = (amount: number, needs: boolean) => {
    const lines = Array.from({ length: amount }, (_, index) => {
      const reads = index === 0 ? 'x' : `{{ steps.step-${index - 1}.results }} {{ alert.name }}`;
      return `    - { name: step-${index}, ${needs && index > 0 ? `needs: [step-${index - 1}], ` : ''}if: "alert.severity == 'high'", provider: { type: console, with: { message: "${reads}" } } }`;
    });
    return `workflow:\n  id: long\n  steps:\n${lines.join('\n')}\n`;
  };
  test.each([
    ['in a row', false],
    ['that need each other', true],
  ])('%s is validated without a diagnostic; `npm run bench` shows how the time grows', async (_, needs) => {
    const { diagnostics } = await load(steps(2000, needs));
    expect(diagnostics).toEqual([]);
  });
});
