import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI, type Measured, ratio, timeInterleaved } from './measure.ts';
import { chain } from './start.ts';

/** Validation grows with the file, not with its square. */
export async function validateMany(): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'threadline-bench-'));
  writeFileSync(join(folder, 'empty.yml'), chain(1));
  writeFileSync(join(folder, 'some.yml'), chain(500));
  writeFileSync(join(folder, 'many.yml'), chain(2000));
  const times = timeInterleaved(
    { empty: [CLI, 'validate', 'empty.yml'], some: [CLI, 'validate', 'some.yml'], many: [CLI, 'validate', 'many.yml'] },
    folder,
    7,
  );
  const { empty = 0, some = 0, many = 0 } = times;
  const growth = (many - empty) / (some - empty) / 4;
  return [
    { what: 'validating a step among 2,000 over one among 500', value: ratio(growth), target: '≤ 1.5×', holds: growth <= 1.5 },
  ];
}
