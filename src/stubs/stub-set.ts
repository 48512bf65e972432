import { ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import { type DataPath, isObject, type Json, type JsonObject, toJson } from '../shared/json/json.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import { compileTemplate, type Reference, type SyntaxProblem } from '../values/index.ts';
import type { StubAnswer, StubAnswers, Stubs } from './stub-file.ts';

/** What templates in stubs read: the rendered parameters, and the item's index or null. */
interface StubScope {
  params: Json;
  item: number | null;
  [root: string]: Json;
}

export interface StubProblem {
  path: DataPath;
  message: string;
  hint?: string;
  /** Part of the text at `path`; absent for the whole text. */
  piece?: { offset: number; length: number };
}

export type MakeAnswer = (scope: StubScope) => Json;

/** Answers for a step or type, used in order. */
class AnswerList {
  readonly answers: readonly MakeAnswer[];
  private next = 0;

  constructor(answers: readonly MakeAnswer[]) {
    this.answers = answers;
  }

  /** The answer for this call; the last answer repeats. */
  take(): MakeAnswer | undefined {
    const answer = this.answers[this.next];
    if (this.next < this.answers.length - 1) this.next++;
    return answer;
  }
}

/** Compiled stubs with their problems; an answer with a problem must not be used. */
export class StubSet {
  readonly problems: StubProblem[] = [];
  private readonly steps: Map<string, AnswerList>;
  private readonly types: Map<string, AnswerList>;
  private readonly otherwise: AnswerList | undefined;
  /** Answers to questions for people. */
  readonly questions: AnswerList | undefined;

  constructor({ steps = {}, types = {}, questions, default: otherwise }: Stubs) {
    const lists = (given: Record<string, StubAnswers>, key: string) =>
      new Map(Object.entries(given).map(([name, answers]) => [name, this.list(answers, [key, name])]));
    this.steps = lists(steps, 'steps');
    this.types = lists(types, 'types');
    this.questions = questions && this.list(questions, ['questions']);
    this.otherwise = otherwise && this.list(otherwise, ['default']);
  }

  /** `default` answers for providers that are not installed. */
  find(provider: string, step: string, isInstalled: boolean): AnswerList | undefined {
    const [type = ''] = provider.split('.');
    const named = this.steps.get(step) ?? this.types.get(provider) ?? this.types.get(type);
    return named ?? (isInstalled ? undefined : this.otherwise);
  }

  /** Reports names that do not occur in the workflow. */
  unknownNames(steps: ReadonlySet<string>, types: ReadonlySet<string>): StubProblem[] {
    const stranger = (key: string, what: string, name: string, known: ReadonlySet<string>): StubProblem => {
      const hint = didYouMean(name, known) ?? (known.size > 0 ? `There are: ${[...known].slice(0, 12).join(', ')}.` : undefined);
      return { path: [key, name], message: `the workflow has no ${what} \`${name}\``, ...(hint ? { hint } : {}) };
    };
    const unknown = (given: ReadonlyMap<string, unknown>, known: ReadonlySet<string>) =>
      [...given.keys()].filter((name) => !known.has(name));
    return [
      ...unknown(this.steps, steps).map((name) => stranger('steps', 'step that calls a provider and is called', name, steps)),
      ...unknown(this.types, types).map((name) => stranger('types', 'provider', name, types)),
    ];
  }

  private list(answers: StubAnswers, path: DataPath): AnswerList {
    if (!Array.isArray(answers)) return new AnswerList([this.answer(answers, path)]);
    return new AnswerList(answers.map((answer, index) => this.answer(answer, [...path, index])));
  }

  private answer({ results, error }: StubAnswer, path: DataPath): MakeAnswer {
    if ((results === undefined) === (error === undefined))
      this.problems.push({ path, message: 'a stub has either `results` or `error`' });
    if (error) {
      const { code = 'step_failed', message, retryable } = error;
      return () => {
        throw new ThreadlineError(code, message, retryable === undefined ? {} : { retryable });
      };
    }
    const value = this.value(results as Json, [...path, 'results']);
    return (scope) => {
      try {
        return toJson(value(scope));
      } catch (thrown) {
        const { code, message, hint } = toThreadlineError(thrown);
        throw new ThreadlineError(code, `The stub cannot answer: ${message}`, { ...(hint ? { hint } : {}), cause: thrown });
      }
    };
  }

  private value(data: Json, path: DataPath): MakeAnswer {
    if (typeof data === 'string') return this.text(data, path);
    if (Array.isArray(data)) {
      const items = data.map((item, index) => this.value(item, [...path, index]));
      return (scope) => items.map((item) => item(scope));
    }
    if (!isObject(data)) return () => data;
    const entries = Object.entries(data).map(([key, item]) => [key, this.value(item, [...path, key])] as const);
    return (scope) => Object.fromEntries(entries.map(([key, value]) => [key, value(scope)])) as JsonObject;
  }

  private text(text: string, path: DataPath): MakeAnswer {
    const { problems, references, evaluate } = compileTemplate(text);
    for (const problem of [...problems, ...references.flatMap(unknownRoot)]) {
      const { message, hint, offset, length } = problem;
      this.problems.push({ path, message: message.replace(/\.$/, ''), ...(hint ? { hint } : {}), piece: { offset, length } });
    }
    return evaluate;
  }
}

type TextProblem = Pick<SyntaxProblem, 'message' | 'hint' | 'offset' | 'length'>;

const unknownRoot = ({ root, offset, length }: Reference): TextProblem[] =>
  root === 'params' || root === 'item'
    ? []
    : [{ message: `a stub cannot read \`${root}\``, hint: 'It reads `params` and `item`.', offset, length }];
