import type { AlertTarget, Enrichment, Frame, Outcome, Scope, StepPorts, Value } from '../plan/plan.ts';
import { extendScope } from '../plan/scope.ts';
import { ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import { type DataPath, isObject, isPrototypeKey, type Json, type JsonObject } from '../shared/json/json.ts';
import { isNumber } from '../shared/json/number.ts';
import { Closed, Type } from '../shared/schema/schema.ts';
import type { Keyword, KeywordCompiler } from './keyword.ts';
import { fingerprintIn } from './throttle.ts';

const FieldSchema = {
  key: Type.String({ minLength: 1, description: 'The field that is written.' }),
  value: Type.Unknown({ description: "Its value; `results.x` is of this step's own results." }),
};
const KEYS = ['enrich_alert', 'enrich_incident'] as const;

/** `with: {enrich_alert: [{key: ticket, value: results.id}]}`: writes fields on the alert once the step has succeeded. */
export const enrichKeyword: Keyword = {
  keys: {},
  withKeys: {
    enrich_alert: Type.Array(
      Closed({ ...FieldSchema, disposable: Type.Optional(Type.Boolean({ description: 'Gone when the status next changes.' })) }),
      { description: 'Fields that are written on the alert once the step has succeeded.' },
    ),
    enrich_incident: Type.Array(Closed(FieldSchema), {
      description: 'Fields that are written on the incident once the step has succeeded.',
    }),
    audit_enabled: Type.Boolean({ description: "Whether enrichments are kept in the alert's audit. Default true." }),
  },
  compile(step, compiler) {
    const given = withOf(step);
    const audited = given.audit_enabled !== false;
    const plans = KEYS.flatMap((key) => (given[key] === undefined ? [] : [planOf(key, given[key], compiler)]));
    if (plans.length === 0) return {};
    return {
      usesAlerts: true,
      wrap: (next, ports) => async (frame) => {
        // Everything that does not need the results is computed before the call, so that mistakes fail before it has effects.
        const ready = plans.map((plan) => prepared(plan, frame.scope));
        const outcome = await next(frame);
        if (outcome.status !== 'succeeded') return outcome;
        try {
          for (const plan of ready) await enrich(plan, outcome, frame, ports, audited);
          return outcome;
        } catch (thrown) {
          // The call has succeeded and may have cost money, so its results stay readable.
          return { ...outcome, status: 'failed', error: afterwards(toThreadlineError(thrown)) };
        }
      },
    };
  },
};

const withOf = (step: JsonObject): JsonObject =>
  isObject(step.provider) && isObject(step.provider.with) ? step.provider.with : {};

interface EnrichmentPlan {
  kind: AlertTarget['kind'];
  fields: { key: string; value: Value; isLate: boolean; disposable: boolean }[];
}

function planOf(key: (typeof KEYS)[number], list: Json | undefined, compiler: KeywordCompiler): EnrichmentPlan {
  const fields = (Array.isArray(list) ? list : []).flatMap((field, index) => {
    if (!isObject(field)) return [];
    refuseKey(String(field.key), ['provider', 'with', key, index, 'key'], compiler);
    const value = compiler.ofResults(['provider', 'with', key, index, 'value']);
    return [{ key: String(field.key), ...value, disposable: field.disposable === true }];
  });
  return { kind: key === 'enrich_incident' ? 'incident' : 'alert', fields };
}

/** Computes everything in the plan that does not read the step's own results. */
function prepared(plan: EnrichmentPlan, scope: Scope): EnrichmentPlan {
  if (plan.kind === 'incident') targetOf(plan.kind, null, scope);
  const fields = plan.fields.map((field) => {
    if (field.isLate) return field;
    const value = field.value(scope);
    return { ...field, value: () => value };
  });
  return { ...plan, fields };
}

function afterwards({ code, message, hint, details }: ThreadlineError): ThreadlineError {
  return new ThreadlineError(code, `The step has done its work, but its results cannot be written on the alert: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(details ? { details } : {}),
    retryable: false,
  });
}

/** Refuses templates in keys: data must not choose which field is written. */
function refuseKey(key: string, path: DataPath, compiler: KeywordCompiler): void {
  if (key.includes('{{')) compiler.problem(path, 'which field is written must be written out');
  else if (isPrototypeKey(key)) compiler.problem(path, `a field cannot be called \`${key}\``);
}

async function enrich(plan: EnrichmentPlan, outcome: Outcome, frame: Frame, ports: StepPorts, audited: boolean) {
  const scope = extendScope(frame.scope, { results: outcome.results });
  const enrichment: Enrichment = { fields: {}, disposable: {}, by: frame.path, audited };
  for (const { key, value, disposable } of plan.fields) {
    enrichment[disposable ? 'disposable' : 'fields'][key] = value(scope);
  }
  const target = targetOf(plan.kind, outcome.results, frame.scope);
  await ports.alerts.enrich(target, enrichment);
  const fields = { ...enrichment.fields, ...enrichment.disposable };
  Object.assign(subjectOf(target, frame.scope), fields);
  const item = frame.item === undefined ? {} : { item: frame.item };
  ports.emit({ type: 'enriched', step: ports.step, ...item, target: target.kind, id: target.id, fields });
}

/** Keep's order: the fingerprint of the results, of the item, of the alert; without an alert, the incident. */
function targetOf(kind: AlertTarget['kind'], results: Json, scope: Scope): AlertTarget {
  const own = isObject(results) && typeof results.fingerprint === 'string' ? results.fingerprint : undefined;
  const fingerprint = own ?? fingerprintIn(scope);
  const incident = isObject(scope.incident) ? scope.incident.id : undefined;
  if (kind === 'alert' && fingerprint !== undefined) return { kind, id: fingerprint };
  if (typeof incident === 'string' || isNumber(incident)) return { kind: 'incident', id: String(incident) };
  const message =
    kind === 'alert' ? 'There is no alert to enrich: nothing here has a `fingerprint`.' : 'There is no incident to enrich.';
  throw new ThreadlineError('missing_value', message, {
    hint: 'Give one with `--alert` or `--incident`, or run over a list of alerts with `foreach`.',
  });
}

/** The alert or incident that later steps read, so that they see the written fields. */
function subjectOf({ kind, id }: AlertTarget, scope: Scope): object {
  const subject = scope[kind];
  const key = kind === 'alert' ? 'fingerprint' : 'id';
  return isObject(subject) && String(subject[key]) === id ? subject : {};
}
