import type { Compilation } from '../core/compilation.ts';
import { SyntaxFailure } from '../core/compilation.ts';

/** Templates here for Jinja's common statements. */
const STATEMENTS: readonly [RegExp, string][] = [
  [/^-?\s*(?:if|elif)\s+(.*?)\s*-?$/s, '{{#if $1}} … {{else}} … {{/if}}'],
  [/^-?\s*for\s+(\w+)\s+in\s+(.*?)\s*-?$/s, '{{#each $2 as |$1|}} … {{/each}}'],
  [/^-?\s*else/, '{{else}}'],
  [/^-?\s*endif/, '{{/if}}'],
  [/^-?\s*endfor/, '{{/each}}'],
];

/** Helpers for Jinja's filters: `{{ x | upper }}` is `{{ upper x }}`. */
const FILTERS: Readonly<Record<string, string>> = {
  ...{ default: 'default', d: 'default', length: 'length', count: 'length', upper: 'upper', lower: 'lower', join: 'join' },
  ...{ tojson: 'json', to_json: 'json', trim: 'trim', first: 'first', last: 'last', replace: 'replace', truncate: 'truncate' },
};

const PAIRS = [
  ['{%', '%}'],
  ['{#', '#}'],
] as const;

const LONGEST_STATEMENT = 500;
const LONGEST_SHOWN = 200;

/** A comma outside strings. */
const COMMA = /,\s*(?=(?:[^"]*"[^"]*")*[^"]*$)/g;

/** Reports `{% … %}` and `{# … #}` that open between two offsets. */
export function findJinja(compilation: Compilation, start: number, end: number): void {
  const text = compilation.source.slice(start, end);
  for (const [open, close] of PAIRS) {
    let position = text.indexOf(open);
    while (position >= 0) {
      const inner = compilation.source.slice(start + position + 2, start + position + LONGEST_STATEMENT);
      const length = inner.indexOf(close);
      if (length >= 0) report(compilation, open, inner.slice(0, length).trim(), start + position, length + 4);
      position = text.indexOf(open, position + 2 + Math.max(0, length));
    }
  }
}

function report(compilation: Compilation, open: '{%' | '{#', inner: string, offset: number, length: number): void {
  const message = open === '{#' ? '`{# … #}` is a comment of Jinja.' : '`{% … %}` is a statement of Jinja.';
  const hint = open === '{#' ? 'Write {{! … }}.' : statementHint(inner);
  compilation.report({ offset, length }, message, hint, 'jinja');
}

function statementHint(inner: string): string {
  for (const [pattern, form] of STATEMENTS) {
    if (pattern.test(inner)) return `Write ${withoutTests(inner.replace(pattern, form))}.`;
  }
  return 'Write {{#if x}} … {{/if}} and {{#each list as |item|}} … {{/each}}.';
}

/** Jinja's `x is defined` is `has(x)`. */
const withoutTests = (text: string): string =>
  text.replace(/([\w.]+) is (not )?defined/g, (_, path: string, not?: string) => `${not ? '!' : ''}has(${path})`);

/** Refuses `{{ x | filter }}`: a single pipe outside strings, which is not "or" either. */
export function refuseFilter(compilation: Compilation, start: number, end: number): void {
  const { source } = compilation;
  let quote = '';
  for (let position = start; position < end; position++) {
    const letter = source.charAt(position);
    if (quote !== '') {
      if (letter === '\\') position += 1;
      else if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '[' && source[position - 1] === '.') position = Math.max(position, source.indexOf(']', position));
    else if (letter === '|' && source[position + 1] === '|') position += 1;
    else if (letter === '|') throw filterFailure(source, start, position, end);
  }
}

function filterFailure(source: string, start: number, pipe: number, end: number): SyntaxFailure {
  const value = source.slice(start, pipe).trim();
  const call = /^\s*(\w+)\s*(?:\((.*)\))?/s.exec(source.slice(pipe + 1, Math.min(end, pipe + LONGEST_SHOWN)));
  const name = call?.[1] ?? '';
  const problem = { message: 'Filters (`x | filter`) are Jinja.', offset: pipe, length: end - pipe, code: 'jinja' as const };
  return new SyntaxFailure({ ...problem, hint: filterHint(value, name, call?.[2]) });
}

function filterHint(value: string, name: string, operands: string | undefined): string {
  const helper = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (helper === undefined) return 'Write a helper in front of the value: {{ upper x }}.';
  const rest = operands ? ` ${operands.replaceAll("'", '"').replace(COMMA, ' ')}` : '';
  return `Write {{ ${helper} ${value.slice(0, LONGEST_SHOWN)}${rest} }}.`;
}
