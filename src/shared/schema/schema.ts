/**
 * The JSON Schema (draft-07) vocabulary of Threadline and its providers: TypeBox's builders, imported only here. Static types,
 * validation, editor completion and docs tables all come from these objects.
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

/** A compiler that writes the declarations of a provider names its schemas by these. */
export type {
  TArray,
  TBoolean,
  TInteger,
  TLiteral,
  TNull,
  TNumber,
  TObject,
  TOptional,
  TRecord,
  TString,
  TUnion,
  TUnknown,
  TUnsafe,
} from 'typebox';
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

/** An `enum` of words, which editors complete. */
export const OneOf = <const Words extends readonly string[]>(
  words: Words,
  options: { description?: string; default?: Words[number] } = {},
) => Unsafe<Words[number]>({ type: 'string', enum: [...words], ...options });

/** An error code of Threadline, of `more`, or of a provider. A code similar to a known one is taken for a typing error. */
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
 * Meaning of a string or an object to the language, in the schema's `x-threadline`:
 * - `step`: a nested step, `{type, config, with}`, rendered each time the provider runs it (see StepTemplate).
 * - `file`: a path. Only trusted roots (inputs, consts, env, run) may be part of it.
 * - `files`: a path or a glob, under the same rule.
 * - `item-field`: the path of a field of the provider's items, such as `labels.job`.
 * - `item`, `item-condition`: a value or a condition that the provider evaluates for each of its own items (see ItemTemplate).
 * - `workflow`: a literal path of a workflow, which is checked and compiled with its caller.
 * - `program`: a program to start on this machine, or an argument of it. Trusted roots only, as in `file`.
 * - `key`: a name that things share. No value of `{{ }}` in it may be empty.
 * - `url`: an address. Its host comes from trusted roots only; after the host, values of `{{ }}` are percent-encoded.
 */
export type Meaning =
  | 'step'
  | 'item'
  | 'item-field'
  | 'item-condition'
  | 'file'
  | 'files'
  | 'program'
  | 'key'
  | 'url'
  | 'workflow';

export const meaningOf = (schema: SchemaNode): Meaning | undefined => schema['x-threadline'] as Meaning | undefined;

/** The fields that the items of an `item` have, where they are known beforehand. */
export const itemRootsOf = (schema: SchemaNode): readonly string[] | undefined =>
  schema['x-threadline-roots'] as readonly string[] | undefined;

/** Tells whether the schema describes a callable object instead of data: a StepTemplate or an ItemTemplate. */
export const isLive = (schema: SchemaNode): boolean => ['step', 'item', 'item-condition'].includes(meaningOf(schema) ?? '');

/** Advice for keys that a closed object does not have, and that other tools call so: key → sentence. */
export const hintsOf = (schema: SchemaNode): Readonly<Record<string, string>> =>
  (schema['x-threadline-hints'] as Record<string, string> | undefined) ?? {};

/** How the value differs from what Keep has under its name. */
export const noteOf = (schema: SchemaNode): string | undefined => schema['x-threadline-keep'] as string | undefined;

/** Template for the default of a parameter; null if its references are missing. */
export const defaultTemplateOf = (schema: SchemaNode): string | undefined => schema['x-threadline-default'] as string | undefined;

/** A path inside the working folder. Text that matches `otherThan`, such as a server's id, is not a path. */
export const FilePath = ({ otherThan, ...options }: { description: string; otherThan?: RegExp }) => {
  const except = otherThan ? { 'x-threadline-other-than': otherThan.source } : {};
  return Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'file', ...except, ...options });
};

/** Tells whether the text has the schema's meaning, rather than matching `otherThan`. */
export const isMeant = (schema: SchemaNode, text: string): boolean =>
  typeof schema['x-threadline-other-than'] !== 'string' || !new RegExp(schema['x-threadline-other-than']).test(text);

/** A program, or an argument of one, as text. */
export const Program = (options: { description?: string } = {}) =>
  Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'program', ...options });

/** A path or a glob, which is expanded when the step runs. */
export const FilePattern = (options: { description: string }) =>
  Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'files', ...options });

export const isGlob = (pattern: string): boolean => /[*?[\]{}]/.test(pattern);

/** The path of a workflow to call. */
export const WorkflowPath = (options: { description: string }) =>
  Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'workflow', ...options });

/** A parameter whose default is the template's value, or null if that is missing. */
export const Otherwise = <Schema extends TSchema>(template: string, schema: Schema): Schema => {
  // A spread would lose the non-enumerable mark of optional keys.
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)) as Schema;
  return Object.assign(copy, { 'x-threadline-default': template });
};

/** Text that names what steps and runs share, such as a thread. A part of it that turns out empty fails the step. */
export const KeyText = (options: { description?: string } = {}) =>
  Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'key', ...options });

/** An http or https address, as text. */
export const Url = (options: { description: string }) =>
  Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'url', ...options });
