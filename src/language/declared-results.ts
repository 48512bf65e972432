import { isIterated } from '../keywords/index.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { hintsOf, noteOf, type SchemaNode } from '../shared/schema/schema.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import type { StepContext } from './step-context.ts';
import { branchesOf, listAt } from './step-names.ts';
import type { DeclaredResults } from './template-position.ts';
import type { ReferenceProblem } from './unknown-names.ts';

/** Collects what providers declare of their results, by step. A stub may answer with anything. */
export function declaredResults(
  workflow: JsonObject,
  { providers, isStubbed }: Pick<StepContext, 'providers' | 'isStubbed'>,
): Map<string, DeclaredResults> {
  const found = new Map<string, DeclaredResults>();
  const visit = (step: Json): void => {
    if (!isObject(step)) return;
    for (const branch of branchesOf(step)) branch.steps.forEach(visit);
    const { name, provider } = step;
    if (typeof name !== 'string' || !isObject(provider) || typeof provider.type !== 'string') return;
    if (isStubbed?.(provider.type, name)) return;
    const schema = providers.get(provider.type)?.results?.(isObject(provider.with) ? provider.with : {});
    if (schema) found.set(name, { schema, isIterated: isIterated(step) });
  };
  for (const key of ['steps', 'actions', 'finally']) listAt(workflow, key).forEach(visit);
  return found;
}

type Path = readonly (string | number)[];

/** Checks a path that begins at a step's results, or at the results of one item. `subject` names where it begins. */
export function checkResultsPath(
  { schema, isIterated: isList }: DeclaredResults,
  path: Path,
  subject: string,
): ReferenceProblem | undefined {
  return isList ? checkPath({ type: 'array', items: schema }, path, subject) : checkPath(schema, path, subject);
}

function checkPath(schema: SchemaNode, [key, ...rest]: Path, subject: string): ReferenceProblem | undefined {
  if (key === undefined) return undefined;
  const inner = `${subject}${typeof key === 'number' || /^\d+$/.test(key) ? `[${key}]` : `.${key}`}`;
  if (Array.isArray(schema.anyOf)) {
    const problems = (schema.anyOf as SchemaNode[]).map((branch) => checkPath(branch, [key, ...rest], subject));
    return problems.includes(undefined) ? undefined : problems.at(-1);
  }
  if (schema.type === 'array') {
    const isItem = inner.endsWith(']') && isObject(schema.items);
    return isItem ? checkPath(schema.items as SchemaNode, rest, inner) : undefined;
  }
  if (schema.type === 'object') return checkKey(schema, String(key), rest, subject, inner);
  const kind = KINDS[String(schema.type)];
  // Texts have a length.
  if (kind === undefined || key === 'length') return undefined;
  return { code: 'unknown-name', message: `\`${subject}\` is ${kind}, and has no \`${key}\`` };
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a number',
  boolean: 'true or false',
};

function checkKey(schema: SchemaNode, key: string, rest: Path, subject: string, inner: string): ReferenceProblem | undefined {
  const properties = (schema.properties ?? {}) as Record<string, SchemaNode>;
  const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (own) return checkPath(own, rest, inner) ?? noteProblem(own, inner);
  const known = Object.keys(properties);
  const isOpen = schema.additionalProperties !== false;
  const hints = hintsOf(schema);
  const meant = didYouMean(key, known);
  // An open object may have the key; one that is nearly a declared one is more likely a slip.
  if (isOpen && (schema.patternProperties !== undefined || meant === undefined)) return undefined;
  const hint = (Object.hasOwn(hints, key) ? hints[key] : undefined) ?? meant ?? `There are: ${known.join(', ')}.`;
  const message = isOpen ? `the schema of \`${subject}\` names no \`${key}\`` : `\`${subject}\` has no \`${key}\``;
  return { code: 'unknown-name', message, hint, ...(isOpen ? { severity: 'warning' } : {}) };
}

function noteProblem(schema: SchemaNode, subject: string): ReferenceProblem | undefined {
  const note = noteOf(schema);
  return note === undefined ? undefined : { code: 'keep-difference', severity: 'note', message: `\`${subject}\`: ${note}` };
}
