import type { ParamsProblem } from 'threadline/provider';
import type { SchemaRefusal, SchemaRule } from 'threadline/runtime';
import type { ParamPath } from './check-problem.ts';

/** What servers refuse in a schema, as a problem of the parameters that hold it. */
export function problemOfRefusal({ rule, path, subject }: SchemaRefusal, before: ParamPath, strict: boolean): ParamsProblem {
  const [said, hint] = WORDS[rule](subject);
  const message = ALWAYS.has(rule) || !strict ? said : `\`strict: true\`, and ${said}`;
  return { path: [...before, ...path], message, hint: ALWAYS.has(rule) ? hint : `${hint} Or leave \`strict\` out.` };
}

/** What is refused without `strict` too. */
const ALWAYS = new Set<SchemaRule>(['root-type', 'root-choice', 'items-missing', 'items-list']);

/** What is wrong, and what to do instead. */
const WORDS: Record<SchemaRule, (subject: string) => [message: string, hint: string]> = {
  'root-type': () => [
    "the schema's root is not of `type: object`",
    'Write `type: object` at the root, with the keys under `properties`.',
  ],
  'root-choice': (word) => [
    `servers refuse \`${word}\` at the root of a schema`,
    'Put the choice under a key: `type: object`, `properties: { choice: { anyOf: […] } }`.',
  ],
  'items-missing': () => ['servers refuse a list without `items`', 'Say what it holds, such as `items: { type: string }`.'],
  'items-list': () => ['servers refuse a list as `items`', 'Write one schema that fits all items.'],
  'object-open': () => ['an object may have any keys', 'Close it by `additionalProperties: false`.'],
  'properties-missing': () => ['an object has no `properties`', 'List its keys under `properties`.'],
  'key-optional': (key) => [
    `\`${key}\` is not required`,
    'List every key in `required`; what may be missing is of `type: [string, "null"]`.',
  ],
  'key-unknown': (key) => [`\`required\` names \`${key}\`, which is not among the properties`, 'Take it out.'],
  keyword: (word) => [`servers cannot enforce \`${word}\``, 'Take it out.'],
  'type-missing': () => ['a schema has no `type`', 'Say what it is: `type: string`, or a choice under `anyOf`.'],
  format: (format) => [
    `servers cannot enforce \`format: ${format}\``,
    'They know date-time, time, date, duration, email, hostname, ipv4, ipv6 and uuid.',
  ],
  pattern: () => ['servers cannot enforce a `pattern` that looks ahead or behind', 'Write it without `(?=` and its like.'],
  'value-type': (value) => [`\`${value}\` does not fit the \`type\` beside it`, 'Correct the value, or the `type`.'],
  'ref-siblings': (words) => [`servers refuse other keys beside \`$ref\`: ${words}`, 'Move them to what it leads to.'],
  'ref-target': (target) => [
    `\`$ref: ${target}\` leads nowhere that servers look`,
    'It may lead to `#`, or to a name under `$defs` at the root.',
  ],
  'not-an-object': (given) => [`\`${given}\` is not a schema that servers enforce`, 'Write a schema with a `type`.'],
  size: (excess) => [`the schema is too large: ${excess}`, 'Make it smaller.'],
};
