import { ThreadlineError } from '../errors.ts';
import type { RequestFacts } from './facts.ts';
import { ANSWER_KEYS, type Conditions, type Rule, SOURCE_KEYS } from './rules.ts';

type Test = (facts: RequestFacts) => boolean;

interface Entry {
  rule: Rule;
  holds: Test;
  timesLeft: number;
}

/** Rules ready to be asked. Mistakes in them are found when it is made, not when a request comes. */
export class RuleBook {
  readonly #entries: Entry[];

  constructor(rules: readonly Rule[] = []) {
    this.#entries = rules.map((rule, index) => {
      checkAnswer(rule, `rules[${index}]`);
      checkSources(rule, `rules[${index}]`);
      const tests = testsOf(rule.when ?? {}, `rules[${index}].when`);
      return { rule, holds: (facts) => tests.every((test) => test(facts)), timesLeft: rule.times ?? Number.POSITIVE_INFINITY };
    });
  }

  /** The first rule that holds. Uses up one of its `times`. */
  take(facts: RequestFacts): Rule | undefined {
    return this.#take((entry) => entry.holds(facts));
  }

  /** Of requests that no model answers, rules may only make errors, and only where they name the path. */
  takeError(facts: RequestFacts): Rule | undefined {
    return this.#take(({ rule, holds }) => rule.error !== undefined && rule.when?.path !== undefined && holds(facts));
  }

  #take(fits: (entry: Entry) => boolean): Rule | undefined {
    const entry = this.#entries.find((candidate) => candidate.timesLeft > 0 && fits(candidate));
    if (entry) entry.timesLeft -= 1;
    return entry?.rule;
  }
}

function checkAnswer(rule: Rule, name: string): void {
  const given = ANSWER_KEYS.filter((key) => rule[key] !== undefined);
  const isPartialText = given.length === 2 && given.includes('text') && given.includes('incomplete');
  if (given.length === 1 || isPartialText) return;
  const found = given.length === 0 ? 'it has none' : `it has ${given.join(' and ')}`;
  throw new ThreadlineError('invalid_config', `The emulator's ${name} needs exactly one answer, and ${found}.`, {
    hint: `Give one of ${ANSWER_KEYS.join(', ')}.`,
  });
}

function checkSources(rule: Rule, name: string): void {
  const given = SOURCE_KEYS.find((key) => rule[key] !== undefined);
  const isText = (rule.text ?? rule.json) !== undefined && rule.incomplete === undefined;
  if (given === undefined || isText) return;
  throw new ThreadlineError('invalid_config', `The emulator's ${name} has ${given}, but no text that it could belong to.`, {
    hint: 'Give it text or json.',
  });
}

function testsOf(when: Conditions, name: string): Test[] {
  const tests: Test[] = [];
  const add = (pattern: string | undefined, key: string, compile: typeof contains, read: (facts: RequestFacts) => string[]) => {
    if (pattern === undefined) return;
    const fits = compile(pattern, `${name}.${key}`);
    tests.push((facts) => read(facts).some(fits));
  };
  add(when.prompt, 'prompt', contains, (facts) => [facts.prompt]);
  add(when.instructions, 'instructions', contains, (facts) => [facts.instructions]);
  add(when.tool_output, 'tool_output', contains, ({ toolOutput }) => (toolOutput === undefined ? [] : [toolOutput]));
  add(when.schema, 'schema', equals, ({ format }) => (format.type === 'json_schema' ? [format.name] : []));
  add(when.tool, 'tool', equals, (facts) => facts.functions.map((offered) => offered.name));
  add(when.model, 'model', equals, (facts) => [facts.model]);
  add(when.path, 'path', matchesPath, (facts) => [facts.path]);
  if (when.turn !== undefined) tests.push((facts) => facts.turn === when.turn);
  return tests;
}

const contains = (pattern: string, name: string): ((text: string) => boolean) => {
  const expression = regexOf(pattern, name);
  return expression ? (text) => expression.test(text) : (text) => text.includes(pattern);
};

const equals: typeof contains = (pattern, name) => {
  const expression = regexOf(pattern, name);
  return expression ? (text) => expression.test(text) : (text) => text === pattern;
};

const matchesPath: typeof contains = (pattern) => {
  const parts = pattern.split('/');
  return (path) => {
    const segments = path.split('/');
    return parts.length === segments.length && parts.every((part, index) => part === '*' || part === segments[index]);
  };
};

/** `/…/flags` is a regular expression. Without the flags `g` and `y`, it keeps no state between requests. */
function regexOf(pattern: string, name: string): RegExp | undefined {
  const [, source, flags] = /^\/(.+)\/([imsuv]*)$/s.exec(pattern) ?? [];
  if (source === undefined) return undefined;
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ThreadlineError('invalid_config', `The emulator's ${name} is not a regular expression: ${reason}.`, { cause });
  }
}
