import { Compilation } from '../core/compilation.ts';
import type { Compiled, CompileOptions } from '../core/compiled.ts';
import { OUTERMOST } from '../core/frame.ts';
import { compileRange } from '../expression/compile.ts';
import { balancePieces } from './balance-pieces.ts';
import { isOutput } from './pieces.ts';
import { compileText } from './render.ts';
import { compileBinding, compileOutputTag } from './tag.ts';

/** Compiles a string value of a workflow. Mistakes come back as problems; nothing is thrown. */
export function compileTemplate(text: string, options: CompileOptions = {}): Compiled {
  const compilation = new Compilation(text, options, compileBinding);
  const pieces = balancePieces(compilation);
  const [only] = pieces;
  if (pieces.length === 1 && only?.kind === 'tag' && isOutput(only)) {
    return compilation.finish(compilation.attempt(() => compileOutputTag(compilation, only, OUTERMOST)));
  }
  return compilation.finish(compileText(compilation, pieces, OUTERMOST));
}

/** Compiles a condition: an `if`, or a trigger's `cel`. */
export function compileExpression(text: string, options: CompileOptions = {}): Compiled {
  const compilation = new Compilation(text, options, compileBinding);
  return compilation.finish(compilation.attempt(() => compileRange(compilation, 0, text.length, OUTERMOST)));
}
