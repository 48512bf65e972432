import type { SeverityOrder } from '../../plan/severity.ts';
import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { type AlertFormat, invalidBody } from './alert-format.ts';
import { severityIn } from './alert-words.ts';
import { buildAlert } from './build-alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asList, asMap, fieldNamed, firstText, fromPairs, textFields, webUrl } from './foreign-data.ts';

/** Sev0 critical, Sev1 error, Sev2 warning, Sev3 informational, Sev4 verbose. */
const AZURE_SEVERITIES: SeverityOrder = new Map(
  (['critical', 'high', 'warning', 'info', 'low'] as const).flatMap((severity, number) => [
    [`sev${number}`, severity] as const,
    [String(number), severity] as const,
  ]),
);

/** https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema */
export const azureMonitor: AlertFormat = {
  name: 'azure-monitor',
  description: 'Azure Monitor, common alert schema',
  looksFor: 'a map `data` with `essentials`, which has `alertId` and `monitorCondition`',
  detects: (body) => {
    const essentials = asMap(asMap(body.data).essentials);
    return ['alertId', 'monitorCondition'].every((key) => key in essentials);
  },
  read: (body, context) => {
    const { essentials, ...envelope } = asMap(body.data);
    const raw = asMap(essentials);
    const found = { ...partsOf(raw, envelope), extraFields: { ...raw, ...envelope }, raw: body };
    return [buildAlert(found, context)];
  },
};

function partsOf(essentials: JsonObject, { alertContext, customProperties }: JsonObject) {
  const id = firstText(essentials.alertId, essentials.originAlertId);
  if (id === undefined) throw invalidBody('The Azure alert has no id.', 'An alert has an `alertId` in `data.essentials`.');
  const own = asMap(customProperties);
  const target = firstText(asList(essentials.configurationItems)[0], asList(essentials.alertTargetIDs)[0]);
  return {
    source: 'azure-monitor',
    id,
    fingerprint: fingerprintOf(id, {}),
    name: firstText(essentials.alertRule),
    status: [essentials.monitorCondition],
    severity: [severityIn(AZURE_SEVERITIES, essentials.severity)],
    at: [essentials.resolvedDateTime, essentials.firedDateTime],
    startedAt: [essentials.firedDateTime],
    environment: firstText(fieldNamed(own, 'environment'), fieldNamed(own, 'env')),
    service: firstText(fieldNamed(own, 'service'), target),
    description: firstText(essentials.description),
    url: webUrl(essentials.investigationLink) ?? portalUrl(id),
    labels: {
      ...textFields({
        signal: essentials.signalType,
        monitoring_service: essentials.monitoringService,
        resource: target,
        resource_group: essentials.targetResourceGroup,
      }),
      ...dimensionsOf(asMap(alertContext)),
      ...textFields(own),
    },
  };
}

/** The alert's page in Azure's portal. */
const portalUrl = (alertId: string): string | undefined =>
  alertId.startsWith('/subscriptions/')
    ? `https://portal.azure.com/#view/Microsoft_Azure_Monitoring_Alerts/AlertDetails.ReactView/alertId~/${encodeURIComponent(alertId)}`
    : undefined;

/** The series that fired, of all conditions. */
function dimensionsOf(alertContext: JsonObject): JsonObject {
  const conditions = asList(asMap(alertContext.condition).allOf).map(asMap);
  const dimensions = [...conditions.flatMap(({ dimensions: own }) => asList(own)), ...asList(alertContext.Dimensions)];
  return fromPairs(dimensions.flatMap(pairOf));
}

function pairOf(dimension: Json): (readonly [string, string])[] {
  const [name, value] = isObject(dimension) ? [firstText(dimension.name), firstText(dimension.value)] : [];
  return name === undefined || value === undefined ? [] : [[name, value] as const];
}
