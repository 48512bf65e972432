import { iterations, keywordRoots } from '../keywords/index.ts';
import type { TextReference, Value } from '../plan/plan.ts';
import { type DataPath, isObject, type Json } from '../shared/json/json.ts';
import { type Compiled, compileTemplate, type Reference, rootNames } from '../values/index.ts';
import { checkReference, isTrusted } from './references.ts';
import type { TemplatePosition } from './template-position.ts';
import type { ValueContext } from './value-context.ts';

const keywordRootNames = [...keywordRoots.keys()];

/** Whether a root is one of the language, rather than a field of an item. */
export const isWorkflowRoot = (root: string): boolean => rootNames.includes(root) || keywordRoots.has(root);

/** What the compiler of values needs to know of the file. */
export const compileOptions = ({ stepNames }: ValueContext) => ({ stepNames, roots: keywordRootNames });

export const hasTemplate = (value: unknown): boolean =>
  typeof value === 'string' && (value.includes('{{') || /\bkeep\.\w+\(/.test(value));

/** Reports what is wrong with the text itself and with what it reads. `start`: where in the string at `path` it begins. */
export function finish(compiled: Compiled, path: DataPath, position: TemplatePosition, context: ValueContext, start = 0): Value {
  const at = ({ offset, length }: { offset: number; length: number }) => ({ offset: start + offset, length });
  for (const problem of compiled.problems)
    context.report.inside(path, { ...problem, message: problem.message.replace(/\.$/, '') }, at(problem));
  for (const name of compiled.calls) context.calls.add(name);
  const broken = new Set(compiled.problems.map((problem) => problem.offset));
  for (const reference of compiled.references) {
    if (broken.has(reference.offset)) continue;
    context.reads.add(reference.root);
    if (typeof reference.path[0] === 'string') context.reads.add(`${reference.root}.${reference.path[0]}`);
    context.collected?.push(reference);
    const { root, path: keys } = reference;
    // A bare name that nothing fills is a field of an item.
    const isField = position.openRoots === true && !isWorkflowRoot(root);
    const read = isField ? { root: 'item', path: [root, ...keys] } : { root, path: keys };
    const wants = wantedBy(reference, position);
    context.references.push({ ...read, step: position.step, wants, isOfIteration: ITEM_ROOTS.has(root) });
    const problem = checkReference(reference, context.names, position);
    if (problem) context.report.inside(path, problem, at(reference));
  }
  return (scope) => compiled.evaluate(scope);
}

/** Roots that read one item of the list that a step runs over. */
const ITEM_ROOTS = new Set(iterations.flatMap(({ name, iterates }) => (iterates === 'list' ? [name] : [])));

function wantedBy({ isSection, meant }: Reference, position: TemplatePosition): TextReference['wants'] {
  if (position.wants !== undefined) return position.wants;
  if (meant === 'number' || meant === 'time') return meant;
  return isSection || meant === 'list' ? 'section' : undefined;
}

/** Whether the file's author or whoever starts the workflow wrote all of it, by way of inputs or constants too. */
export function isWritten(data: Json, position: TemplatePosition, context: ValueContext): boolean {
  if (Array.isArray(data) || isObject(data)) return Object.values(data).every((item) => isWritten(item, position, context));
  if (typeof data !== 'string' || !hasTemplate(data)) return true;
  const { references } = compileTemplate(data, compileOptions(context));
  return references.every((reference) => isTrusted(reference, context.names, position));
}

export function refuseUntrusted(
  compiled: Compiled,
  path: DataPath,
  position: TemplatePosition,
  context: ValueContext,
  matters: (offset: number) => boolean,
  what: string,
): void {
  for (const reference of compiled.references) {
    if (!matters(reference.offset) || isTrusted(reference, context.names, position)) continue;
    const problem = {
      code: 'untrusted-target' as const,
      message: `\`${reference.root}\` is data, and data must not choose ${what}`,
      hint: `Write ${what} out, or take it from inputs, consts or env.`,
    };
    context.report.inside(path, problem, reference);
  }
}
