import type { JsonObject } from '../../shared/json/json.ts';
import type { AlertFormat } from './alert-format.ts';
import { groupItems, partsOf } from './alertmanager.ts';
import { buildAlert } from './build-alert.ts';
import { asMap, firstText, webUrl } from './foreign-data.ts';
import { isGrafana } from './is-grafana.ts';

/** Fields that templates of Keep read from any Grafana alert, present or not. */
const BLANK = { value: '', datasource: '', dashboardUrl: '', panelUrl: '', silenceURL: '', valueString: '' };

/** https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/ */
export const grafana: AlertFormat = {
  name: 'grafana',
  description: 'Grafana Alerting, webhook contact point',
  looksFor: 'a list `alerts` whose items have `labels`, and `orgId` or `silenceURL`',
  detects: isGrafana,
  read: (body, context) => {
    const { alerts: _alerts, ...envelope } = body;
    return groupItems(body).map((alert) => {
      const common = partsOf(alert);
      const url = webUrl(alert.generatorURL, body.externalURL);
      return buildAlert({ ...common, source: 'grafana', url, extraFields: extraFieldsOf(alert, body), envelope }, context);
    });
  },
};

function extraFieldsOf(alert: JsonObject, body: JsonObject): JsonObject {
  const image = webUrl(alert.imageURL, body.externalURL);
  return {
    ...BLANK,
    ...asMap(alert.labels),
    annotations: {},
    ...alert,
    dashboardUrl: firstText(alert.dashboardURL) ?? '',
    panelUrl: firstText(alert.panelURL) ?? '',
    ...(image === undefined ? {} : { imageUrl: image }),
  };
}
