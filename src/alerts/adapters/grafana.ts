import type { JsonObject } from '../../shared/json/json.ts';
import { findings, groupItems } from './alertmanager.ts';
import { buildAlert } from './build.ts';
import type { AlertFormat } from './format.ts';
import { isGrafana } from './grafana-marks.ts';
import { mapOf, textOf, webUrl } from './read.ts';

/** Templates of Keep read these of any Grafana alert, whether it has them or not. */
const BLANK = { value: '', datasource: '', dashboardUrl: '', panelUrl: '', silenceURL: '', valueString: '' };

/** https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/ */
export const grafana: AlertFormat = {
  name: 'grafana',
  description: 'Grafana Alerting, webhook contact point',
  looksFor: 'a list `alerts` whose items have `labels`, and `orgId` or `silenceURL`',
  detects: isGrafana,
  read: (body, { receivedAt }) => {
    const { alerts: _alerts, ...envelope } = body;
    return groupItems(body).map((alert) => {
      const common = findings(alert);
      const url = webUrl(alert.generatorURL, body.externalURL);
      return buildAlert({ ...common, source: 'grafana', url, beside: besideOf(alert, body), envelope }, receivedAt);
    });
  },
};

function besideOf(alert: JsonObject, body: JsonObject): JsonObject {
  const image = webUrl(alert.imageURL, body.externalURL);
  return {
    ...BLANK,
    ...mapOf(alert.labels),
    annotations: {},
    ...alert,
    dashboardUrl: textOf(alert.dashboardURL) ?? '',
    panelUrl: textOf(alert.panelURL) ?? '',
    ...(image === undefined ? {} : { imageUrl: image }),
  };
}
