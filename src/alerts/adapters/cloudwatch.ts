import type { JsonObject } from '../../shared/json/json.ts';
import { buildAlert } from './build.ts';
import { alarmOfEvent, alarmOfSns, isAlarm, isAlarmEvent, isSns } from './cloudwatch-bodies.ts';
import { hashOf } from './fingerprint.ts';
import type { AlertFormat } from './format.ts';
import { fromPairs, listOf, mapOf, textOf, textsOf, timeOf } from './read.ts';
import { severityOf, statusOf } from './words.ts';

export const cloudwatch: AlertFormat = {
  name: 'cloudwatch',
  description: 'Amazon CloudWatch alarms: by SNS, as the bare alarm, or as the EventBridge event',
  looksFor:
    '`AlarmName` and `NewStateValue`, or `Type` and `TopicArn` of an SNS message, or the `detail-type` "CloudWatch Alarm State Change"',
  detects: (body) => isSns(body) || isAlarm(body) || isAlarmEvent(body),
  read: (body, { receivedAt }) => {
    const { alarm, envelope, raw } = isSns(body)
      ? alarmOfSns(body)
      : isAlarmEvent(body)
        ? alarmOfEvent(body)
        : { alarm: body, raw: body };
    return [buildAlert({ ...findings(alarm), raw, ...(envelope ? { envelope } : {}) }, receivedAt)];
  },
};

function findings(alarm: JsonObject) {
  const trigger = mapOf(alarm.Trigger);
  const dimensions = dimensionsOf(trigger);
  const [, , , region, account] = textOf(alarm.AlarmArn)?.split(':') ?? [];
  return {
    source: 'cloudwatch',
    fingerprint: fingerprintFrom(alarm),
    name: textOf(alarm.AlarmName),
    status: statusOf(alarm.NewStateValue),
    // An alarm has no severity; whoever wants one puts it into a field of a message of their own.
    severity: severityOf(alarm.Severity, alarm.Priority),
    at: timeOf(alarm.StateChangeTime),
    service: textOf(dimensions.ServiceName),
    message: textOf(alarm.NewStateReason),
    description: textOf(alarm.AlarmDescription),
    labels: {
      ...textsOf({
        account: textOf(alarm.AWSAccountId, account),
        region: textOf(region, alarm.Region),
        namespace: trigger.Namespace,
        metric: trigger.MetricName,
      }),
      ...dimensions,
      ...mapOf(alarm.AlarmContributorAttributes),
    },
    beside: { metric: textOf(trigger.MetricName) ?? null, ...alarm },
  };
}

/** An alarm over several series fires for each contributor on its own. */
function fingerprintFrom(alarm: JsonObject): string {
  const arn = textOf(alarm.AlarmArn);
  const contributor = textOf(alarm.AlarmContributorId);
  if (arn !== undefined && arn.length <= 200) return contributor === undefined ? arn : `${arn}#${contributor.slice(0, 50)}`;
  const { AWSAccountId: account = null, Region: region = null, AlarmName: name = null } = alarm;
  return hashOf({ cloudwatch: { account, region, name, arn: arn ?? null, contributor: contributor ?? null } });
}

/** `[{ name, value }]` by SNS; the keys were capitals in older messages. */
const dimensionsOf = (trigger: JsonObject): JsonObject =>
  fromPairs(
    listOf(trigger.Dimensions).flatMap((one) => {
      const { name, Name, value, Value } = mapOf(one);
      const [key, text] = [textOf(name, Name), textOf(value, Value)];
      return key === undefined || text === undefined ? [] : [[key, text] as const];
    }),
  );
