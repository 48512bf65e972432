import { isPrototypeKey } from '../json.ts';
import type { Roots } from '../keywords/index.ts';
import { didYouMean } from '../suggest.ts';
import type { Reference } from '../values/index.ts';
import type { DiagnosticCode } from './diagnostic.ts';
import { endedBefore, type StepNames } from './step-names.ts';

/** Every name that the file declares, for checking what its templates read. */
export interface Names {
  steps: StepNames;
  inputs: ReadonlySet<string>;
  /** What each constant reads: it stands wherever the constant is read. Undefined while that is not known yet. */
  consts: ReadonlyMap<string, readonly Reference[] | undefined>;
  env: ReadonlySet<string>;
  /** Roots that the triggers fill: alert, event, incident. */
  triggered: ReadonlySet<string>;
  /** Names of conditions, which later steps read bare, and the steps that they belong to. */
  flags: ReadonlyMap<string, string>;
  /** Constants whose templates read untrusted data. */
  taintedConsts: ReadonlySet<string>;
}

/** Where a template stands. */
export interface Site {
  /** The step that it belongs to; undefined where all steps have ended (outputs) or none has (providers). */
  step: string | undefined;
  /** Whether the steps of the run have ended: in outputs, on-failure and finally. */
  allStepsEnded: boolean;
  /** Roots that exist here only: foreach, vars, args … */
  extraRoots: Roots;
  /** Whether what `foreach` runs over comes from the file itself. */
  trustsForeach: boolean;
  /** The same of `matrix`. */
  trustsMatrix: boolean;
  /** The only roots that are there; undefined means: all that the workflow fills. */
  onlyRoots?: readonly string[];
  /** Environment variables need no listing: credentials, which are no templates' business. */
  anyEnv?: boolean;
  /** Data must not have a say in what is computed here. */
  onlyTrusted?: boolean;
  /** Bare names are fields of an item that nobody knows yet. */
  openRoots?: boolean;
  /** A constant: what it reads must be there where the constant is read. */
  isConstant?: boolean;
}

export interface ReferenceProblem {
  code: DiagnosticCode;
  message: string;
  hint?: string;
}

const STEP_FIELDS = [
  ...['results', 'status', 'error', 'duration_ms', 'attempts', 'items'],
  ...['conditions', 'vars', 'aliases', 'provider_parameters'],
];
const RUN_FIELDS = ['id', 'workflow', 'started_at', 'offline', 'status', 'error'];
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
/** Roots of some steps, and the keyword that adds them. */
const KEYWORD_ROOTS: Readonly<Record<string, string>> = { foreach: 'foreach', matrix: 'matrix', vars: 'vars', aliases: 'alias' };

/** Whether templates read something else by the name, so that a condition cannot have it. */
export const isRoot = (name: string): boolean =>
  [...ALWAYS, ...TRIGGERED, 'providers'].includes(name) || Object.hasOwn(KEYWORD_ROOTS, name) || isPrototypeKey(name);

/** What is wrong with reading this, here; undefined when nothing is. */
export function checkReference(reference: Reference, names: Names, site: Site): ReferenceProblem | undefined {
  const { root, path } = reference;
  if (site.onlyRoots && !site.onlyRoots.includes(root))
    return { code: 'unknown-root', message: `\`${root}\` is not there yet`, hint: `Known here: ${site.onlyRoots.join(', ')}.` };
  if (Object.hasOwn(site.extraRoots, root)) {
    return unknownName(
      path[0],
      site.extraRoots[root],
      `field of \`${root}\``,
      () => `There are: ${[...(site.extraRoots[root] ?? [])].join(', ')}.`,
    );
  }
  if (root === 'steps' || root === 'actions') return checkStepReference(reference, names, site);
  if (root === 'consts') return checkConstant(reference, names, site);
  const declared = checkDeclared(reference, names, site);
  if (declared !== undefined) return declared.problem;
  if (names.triggered.has(root) || site.openRoots) return undefined;
  if (site.isConstant && Object.hasOwn(KEYWORD_ROOTS, root)) return undefined;
  const owner = names.flags.get(root);
  if (owner !== undefined) return checkEnded(owner, names, site);
  return unknownRoot(root, names, site);
}

/** Roots whose names are written in the file, or are always the same. */
function checkDeclared(
  { root, path: [first] }: Reference,
  names: Names,
  site: Site,
): { problem: ReferenceProblem | undefined } | undefined {
  switch (root) {
    case 'inputs':
      return { problem: unknownName(first, names.inputs, 'input', (name) => `Declare it: \`inputs: [{ name: ${name} }]\`.`) };
    case 'env': {
      const hint = (name: string) => `List it, so that the workflow may read it: \`env: [${name}]\`.`;
      return { problem: site.anyEnv ? undefined : unknownName(first, names.env, 'environment variable', hint) };
    }
    case 'run':
      return { problem: unknownName(first, new Set(RUN_FIELDS), 'field of `run`', () => `There are: ${RUN_FIELDS.join(', ')}.`) };
    case 'last_workflow_results': {
      const steps = new Set(names.steps.keys());
      return {
        problem: unknownName(first, steps, 'step', () => 'It holds the results of each step of the last run that succeeded.'),
      };
    }
    case 'last_workflow_run_time':
    case 'secrets':
      return { problem: undefined };
    default:
      return undefined;
  }
}

/** A constant stands for what it reads, wherever it is read. */
function checkConstant({ path: [first] }: Reference, names: Names, site: Site): ReferenceProblem | undefined {
  const known = new Set(names.consts.keys());
  const unknown = unknownName(first, known, 'constant', (name) => `Declare it: \`consts: { ${name}: … }\`.`);
  if (unknown || site.isConstant) return unknown;
  const read = typeof first === 'string' ? [first] : [...known];
  const seen = new Set(read);
  for (const name of seen) {
    for (const inner of names.consts.get(name) ?? []) {
      const [next] = inner.path;
      if (inner.root === 'consts' && typeof next === 'string') seen.add(next);
      else if (inner.root !== 'consts') {
        const problem = checkReference(inner, names, site);
        if (problem) return { ...problem, message: `constant \`${name}\` cannot be read here: ${problem.message}` };
      }
    }
  }
  return undefined;
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
  const keyword = Object.hasOwn(KEYWORD_ROOTS, root) ? KEYWORD_ROOTS[root] : undefined;
  if (keyword !== undefined) return { code, message: `\`${root}\` is only there in a step that has \`${keyword}\`` };
  if (root === 'args')
    return { code, message: "`args` is only there in the step of a function, where it holds the model's arguments" };
  if (root === 'providers') return { code, message: '`providers` is only there in `config: "{{ providers.NAME }}"`' };
  if (names.steps.has(root)) return { code, message: `\`${root}\` is a step`, hint: `Write \`steps.${root}.results\`.` };
  const known = [...ALWAYS, ...names.triggered, ...Object.keys(site.extraRoots), ...names.flags.keys()];
  const hint = didYouMean(root, known) ?? `Known here: ${known.join(', ')}.`;
  return { code, message: `there is nothing called \`${root}\``, hint };
}

function checkStepReference({ root, path }: Reference, names: Names, site: Site): ReferenceProblem | undefined {
  const [step, field] = path;
  if (typeof step !== 'string') return undefined;
  if (step !== 'this') {
    const problem = checkEnded(step, names, site);
    if (problem) return problem;
  }
  if (typeof field === 'string' && !STEP_FIELDS.includes(field)) {
    const hint = didYouMean(field, STEP_FIELDS) ?? `A step's data is under results: \`${root}.${step}.results.${field}\`.`;
    return { code: 'unknown-name', message: `a step has no \`${field}\``, hint };
  }
  return undefined;
}

function checkEnded(step: string, names: Names, site: Site): ReferenceProblem | undefined {
  const wanted = names.steps.get(step);
  if (!wanted) {
    const hint =
      didYouMean(step, names.steps.keys()) ??
      (names.steps.size > 0 ? `Steps are: ${[...names.steps.keys()].slice(0, 12).join(', ')}.` : undefined);
    return { code: 'unknown-step', message: `there is no step \`${step}\``, ...(hint ? { hint } : {}) };
  }
  if (site.isConstant) return undefined;
  const problem = endedBefore(wanted, site.step === undefined ? undefined : names.steps.get(site.step), site.allStepsEnded);
  return problem && { code: 'step-order', ...problem };
}

function unknownName(
  name: string | number | undefined,
  known: ReadonlySet<string> | undefined,
  what: string,
  otherwise: (name: string) => string,
): ReferenceProblem | undefined {
  if (typeof name !== 'string' || known === undefined || known.has(name)) return undefined;
  return { code: 'unknown-name', message: `there is no ${what} \`${name}\``, hint: didYouMean(name, known) ?? otherwise(name) };
}

const TRUSTED = new Set(['inputs', 'env', 'run', 'secrets']);

/** Whether this reads only what the workflow's author or whoever starts it wrote: no alert, no model, no network. */
export function isTrusted({ root, path }: Reference, names: Names, site: Site): boolean {
  if (TRUSTED.has(root)) return true;
  if (root === 'consts') return typeof path[0] === 'string' && !names.taintedConsts.has(path[0]);
  if (root === 'matrix') return site.trustsMatrix;
  return root === 'foreach' && site.trustsForeach;
}
