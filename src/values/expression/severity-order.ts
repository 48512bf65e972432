import { evaluationContextOf } from '../../plan/evaluation-context.ts';
import { ALERT_SEVERITIES, isUnknownSeverity, severityRank, UNKNOWN_SEVERITY } from '../../plan/severity.ts';
import type { Json } from '../../shared/json/json.ts';
import { didYouMean } from '../../shared/text/suggest.ts';
import type { Compilation } from '../core/compilation.ts';
import type { Reference } from '../core/compiled.ts';
import type { Frame } from '../core/frame.ts';
import { PAYLOADS } from '../core/path.ts';
import type { Node } from './syntax.ts';

const ORDERS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);

type Pair<Value> = readonly [left: Value, right: Value];

/**
 * Orders an alert's severity that no table knows as the settings say; undefined for operators and operands that this does not
 * concern. What an alert or an incident does not say, such as a model's answer, must be a severity to be compared with one.
 */
export function severityOrder(
  compilation: Compilation,
  { operator, left, right }: Extract<Node, { kind: 'binary' }>,
  read: Pair<Reference[]>,
): ((frame: Frame, values: Pair<Json>) => Pair<Json>) | undefined {
  if (!ORDERS.has(operator)) return undefined;
  const isPayload = read.map((references) => isOfPayload(compilation, references));
  requireSeverity(compilation, read[0], right);
  requireSeverity(compilation, read[1], left);
  if (!isPayload.includes(true)) return undefined;
  return (frame, [one, other]) => {
    const unknown = evaluationContextOf(frame.scope)?.unknownSeverity ?? UNKNOWN_SEVERITY;
    return [isPayload[0] && isRanked(one, other) ? unknown : one, isPayload[1] && isRanked(other, one) ? unknown : other];
  };
}

const isOfPayload = ({ options }: Compilation, references: Reference[]): boolean =>
  references.length > 0 && references.every(({ root }) => options.isField?.(root) === true || PAYLOADS.has(root));

/** True of a severity that is not known, beside one that is. */
const isRanked = (value: Json, other: Json): boolean => isUnknownSeverity(value) && severityRank(other) >= 0;

/** Finds `severity > 'hgih'` before a run: the order of texts would decide it for an alert whose severity is not known. */
function requireSeverity(compilation: Compilation, references: Reference[], beside: Node): void {
  const isField = references.every(({ root, path }) => /^severity$/i.test(String(path.at(-1) ?? root)));
  if (!isField || !isOfPayload(compilation, references)) return;
  if (beside.kind !== 'literal' || typeof beside.value !== 'string') return;
  if (!/[a-z]/i.test(beside.value) || severityRank(beside.value) >= 0) return;
  const hint = didYouMean(beside.value, ALERT_SEVERITIES) ?? `They are: ${ALERT_SEVERITIES.join(' > ')}.`;
  compilation.report(beside, `"${beside.value.slice(0, 40)}" is not a severity.`, hint, 'expression');
}
