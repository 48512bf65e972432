import { evaluationContextOf } from '../../plan/evaluation-context.ts';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import type { Json } from '../../shared/json/json.ts';
import { nearest } from '../../shared/text/suggest.ts';
import { SyntaxFailure } from '../core/compilation.ts';
import type { Evaluate, Read } from '../core/frame.ts';
import { kindOf } from '../core/kinds.ts';
import type { ValueFunction } from '../core/value-function.ts';
import { functions } from './functions.ts';
import { isMacro, macro, macroNames } from './macros.ts';
import { compilePattern, methods } from './methods.ts';
import type { Call, Node, NodeCompiler } from './syntax.ts';

type CallNode = Call & Pick<Node, 'offset' | 'length'>;

/** Adds the name of the failed call, which messages of functions lack. */
export function located(text: string, compute: () => Json): Json {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof ThreadlineError)) throw error;
    const details = error.hint === undefined ? {} : { hint: error.hint };
    throw new ThreadlineError(error.code, `\`${text}\`: ${error.message}`, { ...details, cause: error });
  }
}

export function callOf(compiler: NodeCompiler, call: CallNode): Evaluate {
  const { receiver } = call;
  if (call.name === 'has' && !receiver) return has(compiler, call);
  if (receiver && isMacro(call)) return macro(compiler, call, receiver);
  if (receiver && call.name === 'orValue') return orValue(compiler, call, receiver);
  if (receiver && call.name === 'hasValue') return isThere(compiler.read(receiver));
  const called = receiver ? methods.get(call.name) : functions.get(call.name);
  if (!called) throw unknown(call);
  const operands = receiver ? [receiver, ...call.operands] : arranged(call, called);
  checkArity(call, called, operands);
  if (receiver && call.name === 'matches') checkPattern(call);
  const kind = COUNTING.has(call.name) ? 'list' : TIMING.has(call.name) ? 'time' : undefined;
  const inside = kind === 'time' ? compiler.forTimes() : compiler;
  const evaluates = operands.map((operand) =>
    operand ? compiler.compilation.meaning(kind, () => argumentOf(inside, call, operand)) : () => undefined,
  );
  const text = compiler.textOf(call);
  compiler.compilation.calls.push(call.name);
  return (frame) => {
    const values = evaluates.map((evaluate) => evaluate(frame));
    return located(text, () => called.call(values as Json[], evaluationContextOf(frame.scope)));
  };
}

/** Keep's functions read a quoted tag as they need it: `keep.json_loads('{{ x }}')` takes a map, too. */
const argumentOf = (compiler: NodeCompiler, call: CallNode, operand: Node): Evaluate =>
  call.name.startsWith('keep.') ? compiler.bound(operand) : compiler.evaluate(operand);

/** Functions that mostly take a list. */
const COUNTING = new Set(['size', 'len', 'keep.len', 'keep.first', 'keep.last', 'keep.join', 'keep.all', 'keep.diff']);

const TIMING = new Set([
  'keep.to_utc',
  'keep.to_timestamp',
  'keep.datetime_compare',
  'keep.substract_minutes',
  'keep.timestamp_delta',
  'keep.is_business_hours',
]);

/** Puts named arguments at the positions of the function's parameters. */
function arranged(call: CallNode, { parameters = [], ignored = [] }: ValueFunction): (Node | undefined)[] {
  const operands: (Node | undefined)[] = [...call.operands];
  for (const [name, value] of call.named) {
    if (ignored.includes(name)) continue;
    const index = parameters.indexOf(name);
    if (index < 0) {
      const hint = parameters.length > 0 ? `It has: ${parameters.join(', ')}.` : undefined;
      throw failure(value, 'function', `\`${call.name}\` has no argument \`${name}\`.`, suggestion(name, parameters) ?? hint);
    }
    if (operands[index]) throw failure(value, 'function', `\`${call.name}\` is given \`${name}\` twice.`);
    while (operands.length < index) operands.push(undefined);
    operands[index] = value;
  }
  return operands;
}

const isThere =
  (read: Read): Evaluate =>
  (frame) =>
    read(frame) !== undefined;

function has(compiler: NodeCompiler, call: CallNode): Evaluate {
  const [asked] = call.operands;
  const isPath = asked?.kind === 'path' || asked?.kind === 'select' || asked?.kind === 'template';
  if (!asked || !isPath || call.operands.length !== 1) {
    throw failure(call, 'expression', '`has` takes one path, such as `has(alert.labels.team)`.');
  }
  return isThere(compiler.read(asked));
}

function orValue(compiler: NodeCompiler, call: CallNode, receiver: Node): Evaluate {
  const [otherwise] = call.operands;
  if (!otherwise || call.operands.length !== 1) throw failure(call, 'expression', '`orValue` takes one value.');
  const [read, evaluate] = [compiler.read(receiver), compiler.evaluate(otherwise)];
  return (frame) => read(frame) ?? (read(frame) === null ? null : evaluate(frame));
}

function checkArity(call: CallNode, called: ValueFunction, operands: (Node | undefined)[]): void {
  const count = call.receiver ? call.operands.length : operands.length;
  const [least, most] = [called.minArity, called.maxArity];
  const hole = call.receiver ? -1 : operands.slice(0, least).indexOf(undefined);
  if (hole >= 0) throw failure(call, 'function', `\`${call.name}\` needs its argument \`${called.parameters?.[hole]}\`.`);
  if (count >= least && count <= most) return;
  const range = least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
  throw failure(call, 'function', `\`${call.name}\` takes ${range} argument${range === '1' ? '' : 's'}, not ${count}.`);
}

/** Checks a literal pattern when the workflow is compiled, rather than when an alert arrives. */
function checkPattern(call: CallNode): void {
  const [pattern] = call.operands;
  if (pattern?.kind !== 'literal') return;
  try {
    compilePattern(pattern.value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : kindOf(pattern.value);
    throw failure(pattern, 'expression', reason);
  }
}

function unknown(call: CallNode): SyntaxFailure {
  const at = { offset: call.nameOffset, length: call.name.length };
  if (call.receiver) {
    const known = [...methods.keys(), ...macroNames, 'orValue', 'hasValue'];
    return failure(at, 'function', `There is no method \`${call.name}\`.`, suggestion(call.name, known));
  }
  const close = suggestion(call.name, [...functions.keys(), 'has']);
  const onValue = methods.has(call.name) ? `It is called on a value: \`x.${call.name}(…)\`.` : undefined;
  const meant = Object.hasOwn(MEANT, call.name) ? MEANT[call.name] : undefined;
  const hints = [meant ?? onValue ?? close, meant === undefined ? asText(call.name) : undefined].filter(
    (hint) => hint !== undefined,
  );
  return failure(at, 'function', `There is no function \`${call.name}\`.`, hints.join(' ') || undefined);
}

/** Functions of other languages and of Keep's forks, with what there is here. */
const MEANT: Readonly<Record<string, string>> = {
  now: 'The time is `keep.utcnow()`.',
  today: 'The time is `keep.utcnow()`.',
  'keep.now': 'The time is `keep.utcnow()`.',
  defined: 'Whether a value is there is `has(x.y)`.',
  exists: 'Whether a value is there is `has(x.y)`.',
  default: 'A value for what is missing is `x.?y.orValue("none")`, or `{{ default x "none" }}` in a template.',
  'keep.get_alert_field': 'A field is `alert.name`; one with a default is `keep.dictget(alert, "name", "none")`.',
  'keep.incident_url': 'There is no server of Keep to link to: write the address, with `{{ incident.id }}` in it.',
  'keep.keep_ui_url': 'There is no server of Keep to link to: write the address.',
};

/** Hint for text that only looks like a call of Keep, such as `keep.example(1)` in a sentence. */
const asText = (name: string): string | undefined =>
  name.startsWith('keep.') ? `If this is text and not a call, write {{ "${name}(…)" }}.` : undefined;

function suggestion(name: string, known: readonly string[]): string | undefined {
  const close = nearest(name, known);
  return close === undefined ? undefined : `Did you mean \`${close}\`?`;
}

type Place = { offset: number; length: number };

function failure(place: Place, code: 'expression' | 'function', message: string, hint?: string): SyntaxFailure {
  const problem = { message, offset: place.offset, length: place.length, code };
  return new SyntaxFailure(hint === undefined ? problem : { ...problem, hint });
}
