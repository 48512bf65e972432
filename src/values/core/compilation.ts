import { ThreadlineError } from '../../shared/errors/errors.ts';
import type { Json } from '../../shared/json/json.ts';
import type { Compiled, CompileOptions, Reference, SyntaxProblem } from './compiled.ts';
import { type Evaluate, type StaticFrame, topFrame } from './frame.ts';
import { FieldMissing } from './missing.ts';

/** Compiles a tag's content between two offsets. Passed as an argument, because tags and expressions contain each other. */
export type CompileTag = (compilation: Compilation, start: number, end: number, staticFrame: StaticFrame) => Evaluate;

/** Ends the parsing of a tag or expression; the compilers turn it into a problem and continue with the next. */
export class SyntaxFailure extends Error {
  readonly problem: SyntaxProblem;

  constructor(problem: SyntaxProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** A part of the text. */
interface Place {
  offset: number;
  length: number;
}

const NOTHING: Evaluate = () => null;

/** Evaluates an expression, which is false if a field that it needs is missing. */
export function orFalse(evaluate: () => Json): Json {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof FieldMissing) return false;
    throw error;
  }
}

/** The compilation of a text, with its findings so far. */
export class Compilation {
  readonly source: string;
  readonly options: CompileOptions;
  readonly references: Reference[] = [];
  readonly problems: SyntaxProblem[] = [];
  /** Names of the called functions. */
  readonly calls: string[] = [];
  readonly compileTag: CompileTag;

  constructor(source: string, options: CompileOptions, compileTag: CompileTag) {
    this.source = source;
    this.options = options;
    this.compileTag = compileTag;
  }

  /** Runs a part of the compilation, and turns its failure into a problem. */
  attempt(part: () => Evaluate): Evaluate {
    try {
      return part();
    } catch (failure) {
      if (!(failure instanceof SyntaxFailure)) throw failure;
      this.problems.push(failure.problem);
      return NOTHING;
    }
  }

  /** Adds a mistake that ends nothing: the rest is compiled. */
  report(place: Place, message: string, hint: string | undefined, code: SyntaxProblem['code'] = 'template'): void {
    const { offset, length } = place;
    this.problems.push({ message, offset, length, code, ...(hint === undefined ? {} : { hint }) });
  }

  /** Compiles an operand, and says of what it reads what that must be. */
  meaning<Result>(kind: Reference['meant'], part: () => Result): Result {
    const from = this.references.length;
    const result = part();
    if (kind !== undefined && this.references.length === from + 1) Object.assign(this.references[from] ?? {}, { meant: kind });
    return result;
  }

  finish(evaluate: Evaluate): Compiled {
    const [problem] = this.problems.sort((left, right) => left.offset - right.offset);
    return {
      evaluate: (scope): Json => {
        if (problem) throw new ThreadlineError('internal', `A value with a mistake was evaluated: ${problem.message}`);
        return orFalse(() => evaluate(topFrame(scope)));
      },
      references: this.references,
      problems: this.problems,
      calls: this.calls,
      constant: this.references.length === 0 && this.calls.length === 0,
    };
  }
}
