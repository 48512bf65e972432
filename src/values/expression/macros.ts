import { isObject, type Json } from '../../shared/json/json.ts';
import { SyntaxFailure } from '../core/compilation.ts';
import { type Evaluate, type Frame, withNames } from '../core/frame.ts';
import { expressionFailed, kindOf } from '../core/kinds.ts';
import type { Call, Node, NodeCompiler } from './syntax.ts';

type Each = (frame: Frame, item: Json) => Json;

/** Computes a macro's result from its body's result for each item. */
type Macro = (items: Json[], frame: Frame, body: Each) => Json;

function holds(value: Json): boolean {
  if (typeof value === 'boolean') return value;
  throw expressionFailed(`The condition on each item must be true or false, not ${kindOf(value)}.`);
}

const MACROS: Readonly<Record<string, Macro>> = {
  map: (items, frame, body) => items.map((item) => body(frame, item)),
  filter: (items, frame, body) => items.filter((item) => holds(body(frame, item))),
  all: (items, frame, body) => settle(items, (item) => holds(body(frame, item)), false),
  exists: (items, frame, body) => settle(items, (item) => holds(body(frame, item)), true),
  exists_one: (items, frame, body) => items.filter((item) => holds(body(frame, item))).length === 1,
};

/** As with `&&` and `||`, an item that decides the result hides errors of the others. */
function settle(items: Json[], test: (item: Json) => boolean, settling: boolean): boolean {
  let failed: { error: unknown } | undefined;
  for (const item of items) {
    try {
      if (test(item) === settling) return settling;
    } catch (error) {
      failed ??= { error };
    }
  }
  if (failed) throw failed.error;
  return !settling;
}

export const isMacro = (call: Call): boolean => call.receiver !== undefined && Object.hasOwn(MACROS, call.name);

export const macroNames: readonly string[] = Object.keys(MACROS);

/** `list.map(x, …)` and other macros: the first argument names the item, the second is evaluated for each item. */
export function macro(compiler: NodeCompiler, call: Call & Pick<Node, 'offset' | 'length'>, receiver: Node): Evaluate {
  const [variable, body] = call.operands;
  const name = variable?.kind === 'path' && variable.path.keys.length === 0 ? variable.path.root : undefined;
  if (call.operands.length !== 2 || !body || name?.kind !== 'name') {
    const message = `\`${call.name}\` takes a name for the item and an expression: \`list.${call.name}(x, …)\`.`;
    throw new SyntaxFailure({ message, offset: call.offset, length: call.length, code: 'expression' });
  }
  const list = compiler.evaluate(receiver);
  const evaluate = compiler.knowing(name.name).evaluate(body);
  const each: Each = (frame, item) => evaluate(withNames(frame, new Map([[name.name, item]])));
  const run = MACROS[call.name] as Macro;
  const text = compiler.textOf(receiver);
  return (frame) => run(itemsOf(list(frame), text), frame, each);
}

function itemsOf(value: Json, text: string): Json[] {
  if (Array.isArray(value)) return value;
  if (isObject(value)) return Object.keys(value);
  throw expressionFailed(`\`${text}\` is ${kindOf(value)}, not a list or a map.`);
}
