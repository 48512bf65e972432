import { didYouMean } from '../suggest.ts';
import type { Reference } from '../values/index.ts';
import type { DiagnosticCode } from './diagnostic.ts';

/** Every name that the file declares, for checking what its templates read. */
export interface Names {
  /** Step name → which steps have ended before it starts. */
  ended: ReadonlyMap<string, EndedBefore>;
  inputs: ReadonlySet<string>;
  consts: ReadonlySet<string>;
  env: ReadonlySet<string>;
  /** Roots that the triggers fill: alert, event, incident. */
  triggered: ReadonlySet<string>;
  /** Constants whose templates read untrusted data. */
  taintedConsts: ReadonlySet<string>;
}

/** A step without `needs` comes after all above it, so a number says that; what `needs` adds is found by walking up. */
export interface EndedBefore {
  index: number;
  allBelow: number;
  needs: readonly string[];
}

/** Where a template stands. */
export interface Site {
  /** The step that it belongs to; undefined where all steps have ended (outputs, on-failure) or none has (consts). */
  step: string | undefined;
  allStepsEnded: boolean;
  /** Roots that exist here only: foreach, args. */
  extraRoots: ReadonlySet<string>;
  /** Whether what `foreach` runs over comes from the file itself. */
  trustsForeach: boolean;
  /** The only roots that are there; undefined means: all that the workflow fills. */
  onlyRoots?: readonly string[];
  /** Data must not have a say in what is computed here. */
  onlyTrusted?: boolean;
}

export interface ReferenceProblem {
  code: DiagnosticCode;
  message: string;
  hint?: string;
}

const STEP_FIELDS = ['results', 'status', 'error', 'duration_ms', 'attempts', 'items'];
const RUN_FIELDS = ['id', 'workflow', 'started_at', 'offline', 'status', 'error'];
const FOREACH_FIELDS = ['value', 'index', 'items'];
const ALWAYS = ['steps', 'actions', 'inputs', 'consts', 'env', 'secrets', 'run'];
const TRIGGERED = ['alert', 'event', 'incident'];

/** What is wrong with reading this, here; undefined when nothing is. */
export function checkReference(reference: Reference, names: Names, site: Site): ReferenceProblem | undefined {
  const { root, path } = reference;
  const first = path[0];
  if (site.onlyRoots && !site.onlyRoots.includes(root))
    return { code: 'unknown-root', message: `\`${root}\` is not there yet`, hint: `Known here: ${site.onlyRoots.join(', ')}.` };
  if (root === 'steps' || root === 'actions') return checkStepReference(reference, names, site);
  if (root === 'inputs')
    return unknownName(first, names.inputs, 'input', (name) => `Declare it: \`inputs: [{ name: ${name} }]\`.`);
  if (root === 'consts') return unknownName(first, names.consts, 'constant', (name) => `Declare it: \`consts: { ${name}: … }\`.`);
  if (root === 'env')
    return unknownName(
      first,
      names.env,
      'environment variable',
      (name) => `List it, so that the workflow may read it: \`env: [${name}]\`.`,
    );
  if (root === 'run')
    return unknownName(first, new Set(RUN_FIELDS), 'field of `run`', () => `There are: ${RUN_FIELDS.join(', ')}.`);
  if (root === 'secrets') return undefined;
  if (site.extraRoots.has(root)) {
    return root === 'foreach'
      ? unknownName(first, new Set(FOREACH_FIELDS), 'field of `foreach`', () => `There are: ${FOREACH_FIELDS.join(', ')}.`)
      : undefined;
  }
  if (names.triggered.has(root)) return undefined;
  return unknownRoot(root, names, site);
}

function unknownRoot(root: string, names: Names, site: Site): ReferenceProblem {
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
  if (root === 'foreach') return { code, message: '`foreach` is only there in a step that has `foreach`' };
  if (root === 'args')
    return { code, message: "`args` is only there in the step of a function, where it holds the model's arguments" };
  if (root === 'providers') return { code, message: '`providers` is only there in `config: "{{ providers.NAME }}"`' };
  if (names.ended.has(root)) return { code, message: `\`${root}\` is a step`, hint: `Write \`steps.${root}.results\`.` };
  const known = [...ALWAYS, ...names.triggered, ...site.extraRoots];
  const hint = didYouMean(root, known) ?? `Known here: ${known.join(', ')}.`;
  return { code, message: `there is nothing called \`${root}\``, hint };
}

function checkStepReference({ root, path }: Reference, names: Names, site: Site): ReferenceProblem | undefined {
  const [step, field] = path;
  if (typeof step !== 'string') return undefined;
  if (!names.ended.has(step)) {
    const hint =
      didYouMean(step, names.ended.keys()) ??
      (names.ended.size > 0 ? `Steps are: ${[...names.ended.keys()].slice(0, 12).join(', ')}.` : undefined);
    return { code: 'unknown-step', message: `there is no step \`${step}\``, ...(hint ? { hint } : {}) };
  }
  if (!site.allStepsEnded && !hasEnded(step, site.step, names)) return notEnded(step, site);
  if (typeof field === 'string' && !STEP_FIELDS.includes(field)) {
    const hint = didYouMean(field, STEP_FIELDS) ?? `A step's data is under results: \`${root}.${step}.results.${field}\`.`;
    return { code: 'unknown-name', message: `a step has no \`${field}\``, hint };
  }
  return undefined;
}

function hasEnded(step: string, reader: string | undefined, names: Names): boolean {
  const wanted = names.ended.get(step)?.index ?? 0;
  const seen = new Set(reader === undefined ? [] : [reader]);
  for (const name of seen) {
    const before = names.ended.get(name);
    if (!before) continue;
    if (wanted < before.allBelow || before.needs.includes(step)) return true;
    // What a step needs stands above it, so nothing above the one that is looked for leads to it.
    for (const need of before.needs) if ((names.ended.get(need)?.index ?? 0) > wanted) seen.add(need);
  }
  return false;
}

function notEnded(step: string, site: Site): ReferenceProblem {
  const code = 'step-order';
  if (site.step === step) return { code, message: `step \`${step}\` reads its own results` };
  if (site.step === undefined) return { code, message: `step \`${step}\` has not run when this is computed` };
  return {
    code,
    message: `step \`${step}\` has not ended when \`${site.step}\` starts`,
    hint: `Move \`${site.step}\` behind it, or add \`${step}\` to its \`needs\`.`,
  };
}

function unknownName(
  name: string | number | undefined,
  known: ReadonlySet<string>,
  what: string,
  otherwise: (name: string) => string,
): ReferenceProblem | undefined {
  if (typeof name !== 'string' || known.has(name)) return undefined;
  return { code: 'unknown-name', message: `there is no ${what} \`${name}\``, hint: didYouMean(name, known) ?? otherwise(name) };
}

const TRUSTED = new Set(['inputs', 'env', 'run', 'secrets']);

/** Whether this reads only what the workflow's author or whoever starts it wrote: no alert, no model, no network. */
export function isTrusted({ root, path }: Reference, names: Names, site: Site): boolean {
  if (TRUSTED.has(root)) return true;
  if (root === 'consts') return typeof path[0] === 'string' && !names.taintedConsts.has(path[0]);
  return root === 'foreach' && site.trustsForeach;
}
