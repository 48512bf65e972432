/**
 * Holds HTTP exchanges against OpenAI's own API document (test/fixtures/openai). Each check answers with the list of
 * what is wrong, as sentences; an empty list means that the body conforms.
 */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { isObject } from '../../src/shared/json/json.ts';

interface Operation {
  query: string[];
  request: string | null;
  response: string | null;
  event: string | null;
}

/** What is read of a schema here; ajv reads the rest. */
interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  enum?: string[];
}

interface Fixture {
  operations: Record<string, Operation>;
  $defs: Record<string, Schema>;
}

const MESSAGES_PER_CHECK = 5;

let fixture: Fixture | undefined;
let ajv: Ajv2020 | undefined;
const validators = new Map<string, ValidateFunction>();

function loadFixture(): Fixture {
  fixture ??= JSON.parse(readFileSync(new URL('../fixtures/openai/schemas.json', import.meta.url), 'utf8')) as Fixture;
  return fixture;
}

function loadAjv(): Ajv2020 {
  if (ajv) return ajv;
  ajv = new Ajv2020({ strict: false, allErrors: false, logger: false });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'openai', $defs: loadFixture().$defs });
  return ajv;
}

/** `unevaluatedProperties` at the root catches misspelt and foreign names, such as `response_format` on Responses. */
function validatorOf(root: string): ValidateFunction {
  const known = validators.get(root);
  if (known) return known;
  const validator = loadAjv().compile({ $ref: `openai#/$defs/${root}`, unevaluatedProperties: false });
  validators.set(root, validator);
  return validator;
}

function check(root: string, body: unknown, what: string): string[] {
  const validator = validatorOf(root);
  if (validator(body)) return [];
  return explain(validator.errors ?? []).map((problem) => `${what}: ${problem} (${root})`);
}

/** A failed union reports every branch. Those that got deepest into the body say most. */
function explain(errors: ErrorObject[]): string[] {
  const depth = (error: ErrorObject) => error.instancePath.split('/').length;
  const deepest = Math.max(...errors.map(depth));
  const sentences = errors.filter((error) => depth(error) === deepest).map(reasonOf);
  return [...new Set(sentences)].slice(0, MESSAGES_PER_CHECK);
}

function reasonOf({ instancePath, message, params }: ErrorObject): string {
  const detail = params.unevaluatedProperty ?? params.allowedValues;
  return `${instancePath || 'the body'} ${message ?? 'is wrong'}${detail === undefined ? '' : `: ${String(detail)}`}`;
}

const isParameter = (segment: string) => segment.startsWith('{');

/** The operation that a concrete path asks for. Fixed segments win over parameters: /responses/input_tokens. */
function operationOf(method: string, path: string): Operation | undefined {
  const segments = (path.split('?')[0] ?? '').split('/');
  const fits = ([key]: [string, Operation]) => {
    const [verb, template = ''] = key.split(' ');
    const parts = template.split('/');
    if (verb !== method.toUpperCase() || parts.length !== segments.length) return false;
    return parts.every((part, index) => isParameter(part) || part === segments[index]);
  };
  const candidates = Object.entries(loadFixture().operations).filter(fits);
  candidates.sort(([left], [right]) => left.split('{').length - right.split('{').length);
  return candidates[0]?.[1];
}

function checkQuery(operation: Operation, path: string, what: string): string[] {
  const names = [...new URL(path, 'http://localhost').searchParams.keys()].map((name) => name.replace(/\[.*$/, ''));
  return names.filter((name) => !operation.query.includes(name)).map((name) => `${what}: unknown query parameter ${name}`);
}

/** A request as a client sends it. The path is relative to the API's root and may carry a query: `/responses`. */
export function checkRequest(method: string, path: string, body: unknown): string[] {
  const what = `request ${method} ${path}`;
  const operation = operationOf(method, path);
  if (!operation) return [`${what}: OpenAI's document has no such operation`];
  const inQuery = checkQuery(operation, path, what);
  if (operation.request !== null) return [...inQuery, ...check(operation.request, body ?? {}, what)];
  const isEmpty = body === undefined || (isObject(body) && Object.keys(body).length === 0);
  return isEmpty ? inQuery : [...inQuery, `${what}: this operation takes no body`];
}

/** A JSON answer. Every error has one shape, whatever the operation. */
export function checkResponse(method: string, path: string, status: number, body: unknown): string[] {
  const what = `response ${status} to ${method} ${path}`;
  if (status >= 400) return check('ErrorResponse', body, what);
  const operation = operationOf(method, path);
  if (!operation) return [`${what}: OpenAI's document has no such operation`];
  // The document gives some answers no schema: deleting a response.
  return operation.response === null ? [] : check(operation.response, body, what);
}

/** One event of a stream, without its SSE framing. Of `{event, data}`, the data is held against its own schema as well. */
export function checkStreamEvent(path: string, event: unknown): string[] {
  const type = isObject(event) ? String(event.type ?? event.event ?? event.object) : 'without a type';
  const what = `event ${type} of ${path}`;
  // A resumed stream (GET /responses/{id}?stream=true) has the events of the stream that it goes on with.
  const root = operationOf('POST', path)?.event ?? operationOf('POST', `/${path.split(/[/?]/)[1]}`)?.event;
  if (!root) return [`${what}: OpenAI's document has no stream here`];
  const branches = branchesOf(root);
  const branch = branches.length === 1 ? branches[0] : branches.find((name) => namesOf(name).includes(type));
  if (!branch) return [`${what}: OpenAI's document has no such event`];
  const data = schemaAt(branch).properties?.data?.$ref;
  const inData = data && isObject(event) ? check(componentOf(data), event.data, `data of ${what}`) : [];
  return [...check(branch, event, what), ...inData];
}

const componentOf = (reference: string) => reference.replace('#/$defs/', '');

/** Of a union of events, the ways to each: errors then speak of that event only. */
function branchesOf(root: string): string[] {
  const branches = schemaAt(root).anyOf ?? [];
  if (branches.length === 0) return [root];
  return branches.flatMap(({ $ref }, index) => ($ref ? branchesOf(componentOf($ref)) : [`${root}/anyOf/${index}`]));
}

/** What an event of this schema can be called. */
function namesOf(root: string): string[] {
  const { type, event } = schemaAt(root).properties ?? {};
  return [...(type?.enum ?? []), ...(event?.enum ?? [])];
}

/** A named schema, or a part of one: `MessageStreamEvent/anyOf/2`. */
function schemaAt(way: string): Schema {
  const [name = '', union, index] = way.split('/');
  const schema = loadFixture().$defs[name] ?? {};
  return union === 'anyOf' ? (schema.anyOf?.[Number(index)] ?? {}) : schema;
}
