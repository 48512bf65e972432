import { keywordRoots } from '../keywords/index.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import type { Reference } from '../values/index.ts';
import { checkResultsPath } from './declared-results.ts';
import { endedBefore } from './step-names.ts';
import type { Names, TemplatePosition } from './template-position.ts';
import { type ReferenceProblem, unknownName, unknownRoot } from './unknown-names.ts';

const STEP_FIELDS = [
  ...['results', 'status', 'error', 'duration_ms', 'attempts', 'items'],
  ...['conditions', 'vars', 'aliases', 'provider_parameters'],
];
const RUN_FIELDS = ['id', 'workflow', 'started_at', 'offline', 'status', 'error'];

/** Returns the problem of this reference at its position, or undefined. */
export function checkReference(reference: Reference, names: Names, position: TemplatePosition): ReferenceProblem | undefined {
  const { root, path } = reference;
  if (position.onlyRoots && !position.onlyRoots.includes(root))
    return {
      code: 'unknown-root',
      message: `\`${root}\` is not there yet`,
      hint: `Known here: ${position.onlyRoots.join(', ')}.`,
    };
  if (Object.hasOwn(position.extraRoots, root)) {
    const own = root === 'results' ? names.results.get(position.step ?? '') : undefined;
    if (own) return checkResultsPath({ ...own, isIterated: false }, path, root);
    return unknownName(
      path[0],
      position.extraRoots[root],
      `field of \`${root}\``,
      () => `There are: ${[...(position.extraRoots[root] ?? [])].join(', ')}.`,
    );
  }
  if (root === 'steps' || root === 'actions') return checkStepReference(reference, names, position);
  if (root === 'consts') return checkConstant(reference, names, position);
  const declared = checkDeclared(reference, names, position);
  if (declared !== undefined) return declared.problem;
  if (names.triggered.has(root) || position.openRoots) return undefined;
  if (position.isConstant && keywordRoots.has(root)) return undefined;
  const owner = names.flags.get(root);
  if (owner !== undefined) return checkEnded(owner, names, position);
  return unknownRoot(root, names, position);
}

/** Roots whose names are declared in the file or fixed. */
function checkDeclared(
  { root, path }: Reference,
  names: Names,
  position: TemplatePosition,
): { problem: ReferenceProblem | undefined } | undefined {
  const [first] = path;
  switch (root) {
    case 'inputs':
      return { problem: unknownName(first, names.inputs, 'input', (name) => `Declare it: \`inputs: [{ name: ${name} }]\`.`) };
    case 'env': {
      const hint = (name: string) => `List it, so that the workflow may read it: \`env: [${name}]\`.`;
      return { problem: position.anyEnv ? undefined : unknownName(first, names.env, 'listed environment variable', hint) };
    }
    case 'run':
      return { problem: unknownName(first, new Set(RUN_FIELDS), 'field of `run`', () => `There are: ${RUN_FIELDS.join(', ')}.`) };
    case 'last_workflow_results': {
      const steps = new Set(names.steps.keys());
      const none = unknownName(first, steps, 'step', () => 'It holds the results of each step of the last run that succeeded.');
      return { problem: none ?? checkLastResults(path, names) };
    }
    case 'providers':
      return { problem: checkProvider(path, names) };
    case 'last_workflow_run_time':
    case 'secrets':
      return { problem: undefined };
    default:
      return undefined;
  }
}

/** `last_workflow_results.STEP` is a list, with the results of each time that the step ran. */
function checkLastResults([step, index, ...rest]: Reference['path'], names: Names): ReferenceProblem | undefined {
  const declared = names.results.get(String(step));
  if (!declared || declared.isIterated || index === undefined) return undefined;
  return checkResultsPath(declared, rest, `last_workflow_results.${step}[${index}]`);
}

const PROVIDER_FIELDS = new Set(['name', 'type', 'description']);

/** Templates may read the public fields of a configuration, but not its secrets. */
function checkProvider([name, field]: Reference['path'], names: Names): ReferenceProblem | undefined {
  if (field === undefined) {
    const hint = 'A configuration is chosen by `config: "{{ providers.NAME }}"`; its `description` can be read.';
    return { code: 'unknown-root', message: '`providers` is only there in `config: "{{ providers.NAME }}"`', hint };
  }
  const unknown = unknownName(
    name,
    new Set(names.providers.keys()),
    'provider configuration',
    (one) => `Describe it: \`providers: { ${one}: { description: … } }\`.`,
  );
  return (
    unknown ??
    unknownName(field, PROVIDER_FIELDS, 'readable field of a configuration', () => 'There are: name, type, description.')
  );
}

/** What makes a constant unreadable at the position that reads it; a note stays as it is. */
const ofConstant = (problem: ReferenceProblem, name: string): ReferenceProblem =>
  problem.severity ? problem : { ...problem, message: `constant \`${name}\` cannot be read here: ${problem.message}` };

/** Checks the references of a constant at the position that reads it. */
function checkConstant({ path: [first] }: Reference, names: Names, position: TemplatePosition): ReferenceProblem | undefined {
  const known = new Set(names.consts.keys());
  const unknown = unknownName(first, known, 'constant', (name) => `Declare it: \`consts: { ${name}: … }\`.`);
  if (unknown || position.isConstant) return unknown;
  const read = typeof first === 'string' ? [first] : [...known];
  const seen = new Set(read);
  for (const name of seen) {
    for (const inner of names.consts.get(name) ?? []) {
      const [next] = inner.path;
      if (inner.root === 'consts' && typeof next === 'string') seen.add(next);
      else if (inner.root !== 'consts') {
        const problem = checkReference(inner, names, position);
        if (problem) return ofConstant(problem, name);
      }
    }
  }
  return undefined;
}

function checkStepReference(
  { root, path, optional }: Reference,
  names: Names,
  position: TemplatePosition,
): ReferenceProblem | undefined {
  const [step, field] = path;
  if (typeof step !== 'string') return undefined;
  // A step's own conditions are evaluated before its templates.
  const isOwnCondition = field === 'conditions' && step === position.step;
  if (step !== 'this' && !isOwnCondition) {
    const problem = checkEnded(step, names, position);
    if (problem) return problem;
  }
  if (field === 'conditions' && step !== 'this') {
    const known = names.conditions.get(step) ?? new Set<string>();
    const problem = unknownName(
      path[2],
      known,
      `condition of \`${step}\``,
      () => `There are: ${[...known].join(', ') || 'none'}.`,
    );
    if (problem) return problem;
  }
  const declared = field === 'results' ? names.results.get(step) : undefined;
  if (declared) return forgiving(checkResultsPath(declared, path.slice(2), `${root}.${step}.results`), optional);
  if (typeof field === 'string' && !STEP_FIELDS.includes(field)) {
    const hint = didYouMean(field, STEP_FIELDS) ?? `A step's data is under results: \`${root}.${step}.results.${field}\`.`;
    return { code: 'unknown-name', message: `a step has no \`${field}\``, hint };
  }
  return undefined;
}

/** What may be missing (`x.?y`) can be nothing else here, and fails nothing. */
const forgiving = (problem: ReferenceProblem | undefined, isOptional: boolean): ReferenceProblem | undefined =>
  problem && isOptional && !problem.severity ? { ...problem, severity: 'warning' } : problem;

function checkEnded(step: string, names: Names, position: TemplatePosition): ReferenceProblem | undefined {
  const wanted = names.steps.get(step);
  if (!wanted) {
    const hint =
      didYouMean(step, names.steps.keys()) ??
      (names.steps.size > 0 ? `Steps are: ${[...names.steps.keys()].slice(0, 12).join(', ')}.` : undefined);
    return { code: 'unknown-step', message: `there is no step \`${step}\``, ...(hint ? { hint } : {}) };
  }
  if (names.twice.has(step))
    return {
      code: 'unknown-step',
      message: `two steps are called \`${step}\`: which one is meant?`,
      hint: 'Give each a name of its own.',
    };
  if (position.isConstant) return undefined;
  const problem = endedBefore(
    wanted,
    position.step === undefined ? undefined : names.steps.get(position.step),
    position.allStepsEnded,
  );
  return problem && { code: 'step-order', ...problem };
}

const TRUSTED = new Set(['inputs', 'env', 'run', 'secrets']);

/** Tells whether the value comes only from the workflow's author and the person who starts it: no alert, model or network data. */
export function isTrusted({ root, path }: Reference, names: Names, position: TemplatePosition): boolean {
  if (TRUSTED.has(root)) return true;
  if (root === 'consts') return typeof path[0] === 'string' && !names.taintedConsts.has(path[0]);
  return position.trustedItems.has(root);
}
