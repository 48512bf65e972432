import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI, type Measured, ratio, timeInterleaved } from './measure.ts';

/** A workflow of chained steps, each of which reads the one before. */
export function chain(steps: number): string {
  const lines = Array.from({ length: steps }, (_, index) => {
    const before = index === 0 ? 'run.id' : `steps.s${index - 1}.results`;
    return `    - name: s${index}\n      provider:\n        type: mock\n        with: { output: "{{ ${before} }} ${index}" }`;
  });
  return `workflow:\n  id: chain\n  steps:\n${lines.join('\n')}\n`;
}

/** Whole processes, from cold: what someone waits at the terminal and in CI. */
export async function coldStart(): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'threadline-bench-'));
  writeFileSync(join(folder, 'small.yml'), chain(2));
  writeFileSync(join(folder, 'ten.yml'), chain(10));
  const times = timeInterleaved(
    {
      node: ['-e', '0'],
      version: [CLI, '--version'],
      validate: [CLI, 'validate', 'small.yml'],
      run: [CLI, 'run', 'ten.yml', '-q'],
    },
    folder,
  );
  const { node = 1, version = 0, validate = 0, run = 0 } = times;
  return [
    {
      what: '`threadline --version` over `node -e 0`',
      value: ratio(version / node),
      target: '≤ 1.5×',
      holds: version / node <= 1.5,
    },
    {
      what: '`threadline validate`, a small file, over `node -e 0`',
      value: ratio(validate / node),
      target: '≤ 3×',
      holds: validate / node <= 3,
    },
    {
      what: '`threadline run`, ten chained steps, over `node -e 0`',
      value: ratio(run / node),
      target: '≤ 4×',
      holds: run / node <= 4,
    },
  ];
}
