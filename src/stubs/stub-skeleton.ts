import { type Plan, withCalledPlans } from '../plan/plan.ts';
import { ResultShapes } from './result-shapes.ts';
import { yamlLines } from './yaml-lines.ts';

/** A stub file for the steps whose providers are not installed, with results that the workflow's templates can read. */
export function stubSkeleton(plan: Plan, file: string, isInstalled: (provider: string) => boolean): string {
  const entries = new Map<string, string[]>();
  for (const one of withCalledPlans(plan)) {
    const shapes = new ResultShapes(one);
    for (const { step, provider, place } of one.providerPlaces) {
      if (isInstalled(provider) || entries.has(step)) continue;
      const results = shapes.of(step) ?? null;
      entries.set(step, [`# ${provider}, ${place}`, ...yamlLines({ [step]: { results } })]);
    }
  }
  const steps = [...entries.values()].flat().map((line) => `    ${line}`);
  return `${[...header(plan.file, file), ...(steps.length === 0 ? ['stubs: {}'] : ['stubs:', '  steps:', ...steps])].join('\n')}\n`;
}

const header = (workflow: string, file: string): string[] => [
  '# What steps get in place of providers that are not installed. Put in what the real ones would give, then:',
  `#   threadline run ${workflow} --stubs ${file}`,
  '# Beside `results` there is `error: {code, message}`; a list has one answer for each call.',
];
