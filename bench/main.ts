// `npm run bench`: each benchmark compares two things in one run, interleaved, and prints their ratio: machines are noisy,
// ratios less so. `npm run bench -- start` runs those whose name begins so.
import { askOverhead } from './assistant.ts';
import { foreachGrowth, stepOverhead } from './engine.ts';
import { historyList, journalCost } from './journal.ts';
import { matchMany } from './match.ts';
import type { Measured } from './measure.ts';
import { renderPrompt } from './render.ts';
import { distributedScale } from './restate.ts';
import { coldStart } from './start.ts';
import { validateMany } from './work.ts';

const BENCHMARKS: Record<string, () => Promise<Measured[]>> = {
  start: coldStart,
  step: stepOverhead,
  foreach: foreachGrowth,
  validate: validateMany,
  ask: askOverhead,
  match: matchMany,
  journal: journalCost,
  history: historyList,
  render: renderPrompt,
  restate: distributedScale,
};

const wanted = process.argv[2] ?? '';
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (!name.startsWith(wanted)) continue;
  for (const { what, value, target, holds } of await run()) {
    process.stdout.write(
      `${name.padEnd(9)} ${what.padEnd(58)} ${value.padStart(10)}   target ${target}${holds ? '' : '   MISSED'}\n`,
    );
  }
}
