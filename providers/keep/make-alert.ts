import { createHash } from 'node:crypto';
import { isObject, type Json, type JsonObject, ThreadlineError, toJson, toText } from 'threadline/provider';
import { fieldAt } from './field.ts';
import type { Params } from './schema.ts';

/** The step that makes the alert. Other steps do not change its alerts. */
export interface Maker {
  workflow: string;
  step: string;
}

/** Fields with the identity and state of an alert, which are not copied from an item, because the item may be an alert too. */
const NOT_COPIED = new Set([
  ...['id', 'fingerprint', 'status', 'labels', 'source', 'lastReceived', 'startedAt', 'activeAt', 'event_id', 'incident'],
  ...['providerId', 'providerType', 'workflowId', 'workflowStep', 'pushed', 'deleted', 'assignee', 'note', 'enriched_fields'],
  ...['firingStartTime', 'firingStartTimeSinceLastResolved', 'firingCounter', 'unresolvedCounter'],
  ...['dismissed', 'dismissUntil', 'dismissedUntil', 'isFullDuplicate', 'isPartialDuplicate', 'duplicateReason', 'isNoisy'],
]);

/** Makes an item's alert from the rendered template, and from the item for missing fields. */
export function makeAlert(params: Params, item: Json | undefined, maker: Maker, atMs: number): JsonObject {
  const rendered = toJson(params.alert?.render(item ?? null));
  if (!isObject(rendered)) throw invalid('`alert` must be a map of fields.', 'Write `alert: { name: …, severity: … }`.');
  const alert: JsonObject = { ...copiedFrom(item), ...rendered };
  if (typeof alert.name !== 'string' || alert.name.trim() === '')
    throw invalid('The alert has no `name`.', 'Add `name` to `alert`, as text.');
  if (isBlank(alert.status)) alert.status = 'firing';
  if (isBlank(alert.severity)) alert.severity = 'info';
  Object.assign(alert, {
    lastReceived: isBlank(alert.lastReceived) ? new Date(atMs).toISOString() : alert.lastReceived,
    source: params.override_source_with === undefined ? (alert.source ?? ['keep']) : [params.override_source_with],
    pushed: true,
    ...ownerOf(maker),
  });
  alert.fingerprint = fingerprintOf(params, alert, item);
  return alert;
}

const ownerOf = ({ workflow, step }: Maker) => ({
  providerType: 'keep',
  providerId: workflow,
  workflowId: workflow,
  workflowStep: step,
});

export const isMadeBy = (alert: JsonObject, { workflow, step }: Maker): boolean =>
  alert.providerType === 'keep' && alert.providerId === workflow && alert.workflowStep === step;

function copiedFrom(item: Json | undefined): JsonObject {
  const own = toJson(item);
  return isObject(own) ? Object.fromEntries(Object.entries(own).filter(([key]) => !NOT_COPIED.has(key))) : {};
}

function fingerprintOf(params: Params, alert: JsonObject, item: Json | undefined): string {
  const given = params.fingerprint?.render(item ?? null) ?? alert.fingerprint;
  if (!isBlank(given)) {
    if (typeof given === 'object') throw invalid('The `fingerprint` must be text.', 'Give one field, such as `{{ id }}`.');
    return toText(given);
  }
  const parts = params.fingerprint_fields?.length
    ? namedParts(params.fingerprint_fields, alert, item)
    : Object.entries(isObject(alert.labels) ? alert.labels : {}).sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([...parts, alert.workflowId]))
    .digest('hex');
}

/** Reads a field of the alert, else of the item. `id` is the item's, because the alert's is made later. */
function namedParts(fields: readonly string[], alert: JsonObject, item: Json | undefined): Json[] {
  const parts = fields.map((field) => fieldAt(alert, field) ?? fieldAt(toJson(item), field) ?? null);
  if (parts.some((part) => part !== null)) return parts;
  const names = fields.map((field) => `\`${field}\``).join(', ');
  throw invalid(
    `Neither the alert nor its item has a value for ${names}, which \`fingerprint_fields\` names.`,
    'Name fields that tell one alert from another, such as `labels.job`.',
  );
}

const isBlank = (value: Json | undefined): value is null | '' | undefined =>
  value === undefined || value === null || value === '';

const invalid = (message: string, hint: string) => new ThreadlineError('invalid_params', message, { hint });
