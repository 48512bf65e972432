import type { Scope } from '../plan/plan.ts';
import type { TriggerClause, TriggerEvent } from '../plan/trigger-plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { DataPath, Json } from '../shared/json/json.ts';
import { type Clause, type Compiled, type CompileOptions, compileClauses, compileExpression } from '../values/index.ts';
import { type Requirement, shown } from './requirement.ts';
import type { TriggerCompiler } from './trigger.ts';

type Payload = 'alert' | 'incident';

/** A part of the condition, with its place in the file. */
interface PlacedClause {
  clause: Clause;
  place: string;
  parts: PlacedClause[];
}

const OPTIONS: CompileOptions = { isField: () => true, falseIfMissing: true, wantsBooleans: true };

/** `cel`: an expression over the payload's own fields. */
export function conditionOn(payload: Payload, text: string, path: DataPath, compiler: TriggerCompiler): Requirement {
  const compiled = compileExpression(text, OPTIONS);
  for (const { message, offset, length, ...problem } of compiled.problems)
    compiler.problem(path, { ...problem, message: message.replace(/\.$/, '') }, { offset, length });
  const clauses = compileClauses(text, OPTIONS).map((clause) => placed(clause, path, compiler));
  return requirement(payload, text, compiled, clauses);
}

function placed(clause: Clause, path: DataPath, compiler: TriggerCompiler): PlacedClause {
  return { clause, place: compiler.place(path, clause), parts: clause.parts.map((part) => placed(part, path, compiler)) };
}

/** Apart from `conditionOn`, so that a plan does not hold on to the file that it was compiled from. */
function requirement(payload: Payload, text: string, compiled: Compiled, clauses: PlacedClause[]): Requirement {
  return {
    holds: (event) => asBoolean(compiled.evaluate(scopeOf(payload, event)), text),
    explain: (event) => clauses.map((one) => explain(one, scopeOf(payload, event))),
  };
}

/** Caches scopes by event, because an alert is matched against many workflows. */
const scopes = { alert: new WeakMap<TriggerEvent, Scope>(), incident: new WeakMap<TriggerEvent, Scope>() };

/** The payload's fields and the payload itself, so that `alert.severity` and `severity` read the same value. */
function scopeOf(payload: Payload, event: TriggerEvent): Scope {
  const known = scopes[payload].get(event);
  if (known) return known;
  const data = event[payload];
  const whole = payload === 'alert' ? { alert: data, event: data } : { incident: data };
  const scope: Scope = Object.assign(Object.create(null), whole, data);
  scopes[payload].set(event, scope);
  return scope;
}

function asBoolean(value: Json, text: string): boolean {
  if (typeof value === 'boolean') return value;
  const shortText = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  throw new ThreadlineError('expression_failed', `\`${shortText}\` gave ${shown(value)}, which is neither true nor false.`, {
    hint: 'Compare it with something: `x != null`, `size(x) > 0`, `x == "yes"`.',
  });
}

function explain({ clause, place, parts }: PlacedClause, scope: Scope): TriggerClause {
  const { text } = clause;
  const inner = parts.length === 0 ? {} : { parts: parts.map((part) => explain(part, scope)) };
  try {
    const holds = asBoolean(clause.evaluate(scope), text);
    const why = clause.kind === 'test' ? valuesOf(clause, scope) : `needs ${clause.kind} of these`;
    return { text, holds, why, place, ...inner };
  } catch (error) {
    return { text, holds: null, why: error instanceof Error ? error.message : String(error), place, ...inner };
  }
}

const valuesOf = (clause: Clause, scope: Scope) =>
  clause.reads.map(({ text, read }) => `${text} is ${shown(read(scope))}`).join(', ');
