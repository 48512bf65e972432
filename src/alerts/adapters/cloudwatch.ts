import type { JsonObject } from '../../shared/json/json.ts';
import { type AlertFormat, invalidBody } from './alert-format.ts';
import { buildAlert } from './build-alert.ts';
import { alarmOfEvent, alarmOfSns, isAlarm, isAlarmEvent, isSns } from './cloudwatch-bodies.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asList, asMap, fieldNamed, firstText, fromPairs, textFields } from './foreign-data.ts';

export const cloudwatch: AlertFormat = {
  name: 'cloudwatch',
  description: 'Amazon CloudWatch alarms: by SNS, as the bare alarm, or as the EventBridge event',
  looksFor:
    '`AlarmName` and `NewStateValue`, or `Type` and `TopicArn` of an SNS message, or the `detail-type` "CloudWatch Alarm State Change"',
  detects: (body) => isSns(body) || isAlarm(body) || isAlarmEvent(body),
  read: (body, context) => {
    const { alarm, envelope, raw } = isSns(body)
      ? alarmOfSns(body)
      : isAlarmEvent(body)
        ? alarmOfEvent(body)
        : { alarm: body, raw: body };
    return [buildAlert({ ...partsOf(alarm), raw, ...(envelope ? { envelope } : {}) }, context)];
  },
};

function partsOf(alarm: JsonObject) {
  const trigger = metricOf(asMap(alarm.Trigger));
  const dimensions = dimensionsOf(trigger);
  const [, , , region, account] = firstText(alarm.AlarmArn)?.split(':') ?? [];
  return {
    source: 'cloudwatch',
    fingerprint: fingerprintFrom(alarm),
    name: firstText(alarm.AlarmName),
    status: [alarm.NewStateValue],
    // CloudWatch alarms have no severity; a message that users build themselves may have one.
    severity: [fieldNamed(alarm, 'severity'), fieldNamed(alarm, 'priority')],
    at: [alarm.StateChangeTime],
    service: firstText(dimensions.ServiceName),
    message: firstText(alarm.NewStateReason),
    description: firstText(alarm.AlarmDescription),
    labels: {
      ...textFields({
        account: firstText(alarm.AWSAccountId, account),
        region: firstText(region, alarm.Region),
        namespace: trigger.Namespace,
        metric: trigger.MetricName,
      }),
      ...dimensions,
      ...asMap(alarm.AlarmContributorAttributes),
    },
    extraFields: { metric: firstText(trigger.MetricName) ?? null, ...alarm },
  };
}

/** An alarm over several series fires separately for each contributor. */
function fingerprintFrom(alarm: JsonObject): string {
  const arn = firstText(alarm.AlarmArn);
  const contributor = firstText(alarm.AlarmContributorId);
  if (arn !== undefined && arn.length <= 200) return contributor === undefined ? arn : `${arn}#${contributor.slice(0, 50)}`;
  const { AWSAccountId: account = null, Region: region = null, AlarmName: name = null } = alarm;
  if (firstText(name, arn) === undefined)
    throw invalidBody('The CloudWatch alarm has no name.', 'An alarm has an `AlarmName`, the event an `alarmName`.');
  return fingerprintOf(undefined, { cloudwatch: { account, region, name, arn: arn ?? null, contributor: contributor ?? null } });
}

/** The metric of the alarm; of one on an expression, the first that it is computed from. */
function metricOf(trigger: JsonObject): JsonObject {
  const metrics = asList(trigger.Metrics).map((one) => asMap(asMap(asMap(one).MetricStat).Metric));
  const first = metrics.find((one) => firstText(one.MetricName) !== undefined);
  return firstText(trigger.MetricName) === undefined && first ? first : trigger;
}

/** SNS sends `[{ name, value }]`; in older messages the keys begin with capitals. */
const dimensionsOf = (trigger: JsonObject): JsonObject =>
  fromPairs(
    asList(trigger.Dimensions).flatMap((one) => {
      const { name, Name, value, Value } = asMap(one);
      const [key, text] = [firstText(name, Name), firstText(value, Value)];
      return key === undefined || text === undefined ? [] : [[key, text] as const];
    }),
  );
