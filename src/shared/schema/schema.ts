/**
 * The JSON Schema (draft-07) vocabulary that Threadline and its providers write their schemas in: TypeBox's builders,
 * one door. Static types, validation, editor completion and docs tables all come from these objects.
 */
import {
  Array as ArrayOf,
  Boolean as BooleanType,
  Integer,
  Literal,
  Null,
  Number as NumberType,
  Object as ObjectType,
  Optional,
  Record as RecordOf,
  type Static,
  String as StringType,
  type TSchema,
  Union,
  Unknown,
  Unsafe,
} from 'typebox';
import { CODE_PATTERN, ERRORS } from '../errors/errors.ts';

export type { Static, TSchema };

export const Type = {
  Array: ArrayOf,
  Boolean: BooleanType,
  Integer,
  Literal,
  Null,
  Number: NumberType,
  Object: ObjectType,
  Optional,
  Record: RecordOf,
  String: StringType,
  Union,
  Unknown,
  Unsafe,
};

/** A closed object: keys that it does not list are mistakes. */
export const Closed: typeof ObjectType = ((properties, options) =>
  ObjectType(properties, { additionalProperties: false, ...options })) as typeof ObjectType;

/** One of these words. Comes out as `enum`, which editors complete. */
export const OneOf = <const Words extends readonly string[]>(
  words: Words,
  options: { description?: string; default?: Words[number] } = {},
) => Unsafe<Words[number]>({ type: 'string', enum: [...words], ...options });

/** An error code, as a parameter: one of Threadline's, of `more`, or a provider's own. What is nearly a known one is a slip. */
export function ErrorCodeName(options: { description?: string; default?: string } = {}, more: readonly string[] = []) {
  const known = [...Object.keys(ERRORS), ...more];
  const anyOf = [{ enum: known }, { type: 'string', pattern: CODE_PATTERN }];
  return Unsafe<string>({ type: 'string', anyOf, 'x-threadline-known': known, ...options });
}

/** A JSON Schema read as data. */
export interface SchemaNode {
  [keyword: string]: unknown;
}

/**
 * What a string or an object means to the language, beyond its type. Written on a schema as `x-threadline`:
 * - `step`: a step of its own, `{type, config, with}`, rendered each time that the provider runs it (see StepTemplate).
 * - `file`: a path. Only trusted roots (inputs, consts, env, run) may be part of it.
 * - `files`: a path or a glob, under the same rule.
 * - `item`, `item-condition`: a value or a condition that the provider computes for each item of its own (see ItemTemplate).
 * - `workflow`: a path of a workflow, written out: it is checked, and compiled, with the one that calls it.
 * - `program`: what is started on this machine, or an argument of it. Trusted roots only, as in a file.
 * - `url`: an address. Its host comes from trusted roots only; what `{{ }}` puts in after the host is percent-encoded.
 */
export type Meaning = 'step' | 'item' | 'item-condition' | 'file' | 'files' | 'program' | 'url' | 'workflow';

export const meaningOf = (schema: SchemaNode): Meaning | undefined => schema['x-threadline'] as Meaning | undefined;

/** Whether a place holds something to call, which is no data: a StepTemplate or an ItemTemplate. */
export const isLive = (schema: SchemaNode): boolean => ['step', 'item', 'item-condition'].includes(meaningOf(schema) ?? '');

/** A template that stands for a parameter that is not given; null where what it reads is not there. */
export const defaultTemplateOf = (schema: SchemaNode): string | undefined => schema['x-threadline-default'] as string | undefined;

/** A path inside the working folder, as text. `otherThan`: what is no path, such as an id of a server's. */
export const FilePath = ({ otherThan, ...options }: { description: string; otherThan?: RegExp }) => {
  const except = otherThan ? { 'x-threadline-other-than': otherThan.source } : {};
  return Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'file', ...except, ...options });
};

/** Whether a text that stands in such a place means what the place says. */
export const isMeant = (schema: SchemaNode, text: string): boolean =>
  typeof schema['x-threadline-other-than'] !== 'string' || !new RegExp(schema['x-threadline-other-than']).test(text);

/** A program, or an argument of one, as text. */
export const Program = (options: { description?: string } = {}) =>
  Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'program', ...options });

/** The same, or a glob: what it matches is found when the step runs. */
export const FilePattern = (options: { description: string }) =>
  Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'files', ...options });

/** Whether a FilePattern is a glob, and not the path of one file. */
export const isGlob = (pattern: string): boolean => /[*?[\]{}]/.test(pattern);

/** The path of a workflow to call. */
export const WorkflowPath = (options: { description: string }) =>
  Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'workflow', ...options });

/** A parameter that is this template's value where it is not given, and null where that is not there. */
export const Otherwise = <Schema extends TSchema>(template: string, schema: Schema): Schema => {
  // A spread would lose what says that the key is optional.
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)) as Schema;
  return Object.assign(copy, { 'x-threadline-default': template });
};

/** An http or https address, as text. */
export const Url = (options: { description: string }) =>
  Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'url', ...options });
