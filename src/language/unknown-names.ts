import { keywordRoots } from '../keywords/index.ts';
import { isPrototypeKey } from '../shared/json/json.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import { functions } from '../values/index.ts';
import type { DiagnosticCode } from './diagnostic.ts';
import type { Names, TemplatePosition } from './template-position.ts';

/** The diagnostic for an unknown root. */

export interface ReferenceProblem {
  code: DiagnosticCode;
  message: string;
  hint?: string;
  /** An error by default. */
  severity?: 'warning' | 'note';
}

const ALWAYS = [
  'steps',
  'actions',
  'inputs',
  'consts',
  'env',
  'secrets',
  'run',
  'last_workflow_results',
  'last_workflow_run_time',
];
const TRIGGERED = ['alert', 'event', 'incident'];
/** Tells whether the name is taken by a root, so that a condition cannot have it. */
export const isRoot = (name: string): boolean =>
  [...ALWAYS, ...TRIGGERED, 'providers'].includes(name) || keywordRoots.has(name) || isPrototypeKey(name);

/** Roots of other tools, with the root here. */
const MEANT: Readonly<Record<string, string>> = {
  item: 'The item of a `foreach` is `foreach.value`.',
  state: 'What the last run gave is `last_workflow_results.STEP[0]`.',
  trigger: 'What started the run is `alert` or `incident`.',
  context: 'What started the run is `alert` or `incident`.',
  env_vars: 'Environment variables are `env.NAME`.',
  params: 'Values given at the start are `inputs.NAME`.',
  now: 'The time is `keep.utcnow()`.',
  today: 'The time is `keep.utcnow()`.',
  defined: 'Whether a value is there is `has(x.y)`; one for what is missing is `x.?y.orValue("none")`.',
  undefined: 'Whether a value is missing is `!has(x.y)`.',
  none: 'Nothing is `null`, or `None` as Keep writes it.',
  nil: 'Nothing is `null`.',
  results: 'Results stand under their step: `steps.NAME.results`.',
};

export function unknownRoot(root: string, names: Names, position: TemplatePosition): ReferenceProblem {
  const code = 'unknown-root';
  if (TRIGGERED.includes(root)) {
    const filled = [...names.triggered].join(', ');
    const type = root === 'incident' ? 'incident' : 'alert';
    return {
      code,
      message: `no trigger of this workflow fills \`${root}\``,
      hint: `Add \`- type: ${type}\` to triggers${filled ? `, or read ${filled}` : ''}.`,
    };
  }
  const keyword = keywordRoots.get(root);
  if (keyword !== undefined) return { code, message: `\`${root}\` is only there in a step that has \`${keyword}\`` };
  if (root === 'args')
    return { code, message: "`args` is only there in the step of a function, where it holds the model's arguments" };
  if (names.steps.has(root)) return { code, message: `\`${root}\` is a step`, hint: `Write \`steps.${root}.results\`.` };
  if (functions.has(`keep.${root}`)) return { code, message: `\`${root}\` is a function`, hint: `Call it: \`keep.${root}(…)\`.` };
  const meant = Object.hasOwn(MEANT, root) ? MEANT[root] : undefined;
  if (meant !== undefined) return { code, message: `there is nothing called \`${root}\``, hint: meant };
  const known = [...ALWAYS, ...names.triggered, ...Object.keys(position.extraRoots), ...names.flags.keys()];
  const hint = didYouMean(root, known) ?? `Known here: ${known.join(', ')}.`;
  return { code, message: `there is nothing called \`${root}\``, hint };
}

export function unknownName(
  name: string | number | undefined,
  known: ReadonlySet<string> | undefined,
  what: string,
  otherwise: (name: string) => string,
): ReferenceProblem | undefined {
  if (typeof name !== 'string' || known === undefined || known.has(name)) return undefined;
  return { code: 'unknown-name', message: `there is no ${what} \`${name}\``, hint: didYouMean(name, known) ?? otherwise(name) };
}
