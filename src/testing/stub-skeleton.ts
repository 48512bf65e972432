import { isObject, type Json } from '../json.ts';
import { type Plan, withCalledPlans } from '../plan.ts';
import { ResultShapes } from './result-shapes.ts';

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

/** Data as YAML in blocks; texts as JSON has them, which is YAML too. */
function yamlLines(data: Json): string[] {
  if (Array.isArray(data) && data.length > 0)
    return data.flatMap((item) => yamlLines(item).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`));
  if (!isObject(data) || Object.keys(data).length === 0) return [JSON.stringify(data)];
  return Object.entries(data).flatMap(([key, value]) => {
    const name = /^[A-Za-z_][\w-]*$/.test(key) ? key : JSON.stringify(key);
    const lines = yamlLines(value);
    const isBlock = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
    return isBlock ? [`${name}:`, ...lines.map((line) => `  ${line}`)] : [`${name}: ${lines[0]}`];
  });
}
