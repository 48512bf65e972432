import { Compilation } from '../core/compilation.ts';
import type { Compiled, CompileOptions } from '../core/compiled.ts';
import { OUTERMOST } from '../core/frame.ts';
import { compileRange } from '../expression/compile.ts';
import { compileNodes } from './render.ts';
import { parseTemplate } from './structure.ts';
import { compileBinding, compileOutputTag } from './tag.ts';

/** Compiles a string value of a workflow. Mistakes come back as problems; nothing is thrown. */
export function compileTemplate(text: string, options: CompileOptions = {}): Compiled {
  const compilation = new Compilation(text, options, compileBinding);
  const nodes = parseTemplate(compilation);
  const [only] = nodes;
  if (only?.kind === 'output' && nodes.length === 1) {
    return compilation.finish(compilation.attempt(() => compileOutputTag(compilation, only.tag, OUTERMOST)));
  }
  return compilation.finish(compileNodes(compilation, nodes, OUTERMOST));
}

/** Compiles a condition: an `if`, or a trigger's `cel`. */
export function compileExpression(text: string, options: CompileOptions = {}): Compiled {
  const compilation = new Compilation(text, options, compileBinding);
  return compilation.finish(compilation.attempt(() => compileRange(compilation, 0, text.length, OUTERMOST)));
}
