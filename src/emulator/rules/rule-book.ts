import { ThreadlineError } from '../../shared/errors/errors.ts';
import { randomNumbers } from '../../shared/random/random-numbers.ts';
import type { RequestFeatures } from './request-features.ts';
import { type FeatureTest, RequestRules, type RuleEntry } from './request-rules.ts';
import { ANSWER_KEYS, BREAKS, type Conditions, hasAnswer, isDisturbing, type Rule, SOURCE_KEYS } from './rules.ts';

/** Compiled rules. Mistakes are found at construction instead of at a request. */
export class RuleBook {
  readonly #entries: RuleEntry[];

  /** The seed makes rules with a probability reproducible. */
  constructor(rules: readonly Rule[] = [], seed = 1) {
    const random = randomNumbers(seed);
    this.#entries = rules.map((rule, index) => {
      checkRule(rule, `rules[${index}]`);
      const tests = testsOf(rule.when ?? {}, `rules[${index}].when`);
      if (rule.expired) tests.push(isRun);
      const { probability, times = Number.POSITIVE_INFINITY } = rule;
      // Last, so that only otherwise matching requests use a random number.
      if (probability !== undefined) tests.push(() => random() < probability);
      return { rule, holds: (features) => tests.every((test) => test(features)), timesLeft: times };
    });
  }

  forRequest(): RequestRules {
    return new RequestRules(this.#entries);
  }
}

function checkRule(rule: Rule, name: string): void {
  if (hasAnswer(rule) || !isDisturbing(rule)) checkAnswer(rule, name);
  checkRuleSources(rule, name);
  const breaks = BREAKS.filter((key) => rule[key] !== undefined);
  if (breaks.length < 2) return;
  throw new ThreadlineError('invalid_config', `The emulator's ${name} breaks its answer in two ways: ${breaks.join(' and ')}.`, {
    hint: 'Make it two rules, the first with `times` or `probability`.',
  });
}

/** Answer keys that may be combined: text that breaks off, calls whose outputs come too late. */
const PAIRS = ['text and incomplete', 'tool_calls and expired'];

function checkAnswer(rule: Rule, name: string): void {
  const given = ANSWER_KEYS.filter((key) => rule[key] !== undefined);
  if (given.length === 1 || PAIRS.includes(given.join(' and '))) return;
  const found = given.length === 0 ? 'it has none' : `it has ${given.join(' and ')}`;
  throw new ThreadlineError('invalid_config', `The emulator's ${name} needs exactly one answer, and ${found}.`, {
    hint: `Give one of ${ANSWER_KEYS.join(', ')}, or only a fault.`,
  });
}

function checkRuleSources(rule: Rule, name: string): void {
  const given = SOURCE_KEYS.find((key) => rule[key] !== undefined);
  const isText = (rule.text ?? rule.json) !== undefined && rule.incomplete === undefined;
  if (given === undefined || isText) return;
  throw new ThreadlineError('invalid_config', `The emulator's ${name} has ${given}, but no text that it could belong to.`, {
    hint: 'Give it text or json.',
  });
}

/** Only runs of the Assistants API can expire. */
const isRun: FeatureTest = ({ path }) => path.startsWith('/threads/');

function testsOf(when: Conditions, name: string): FeatureTest[] {
  const tests: FeatureTest[] = [];
  const add = (
    pattern: string | undefined,
    key: string,
    compile: typeof contains,
    read: (features: RequestFeatures) => string[],
  ) => {
    if (pattern === undefined) return;
    const fits = compile(pattern, `${name}.${key}`);
    tests.push((features) => read(features).some(fits));
  };
  add(when.prompt, 'prompt', contains, (features) => [features.prompt]);
  add(when.instructions, 'instructions', contains, (features) => [features.instructions]);
  add(when.tool_output, 'tool_output', contains, ({ toolOutput }) => (toolOutput === undefined ? [] : [toolOutput]));
  add(when.schema, 'schema', equals, ({ format }) => (format.type === 'json_schema' ? [format.name] : []));
  add(when.tool, 'tool', equals, (features) => features.functions.map((offered) => offered.name));
  add(when.model, 'model', equals, (features) => [features.model]);
  add(when.path, 'path', matchesPath, (features) => [features.path]);
  if (when.turn !== undefined) tests.push((features) => features.turn === when.turn);
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

/** `/…/flags` is a regular expression. The flags `g` and `y` are not allowed, because they keep state between requests. */
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
