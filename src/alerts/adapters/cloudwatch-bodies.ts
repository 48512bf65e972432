import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { plainCopy } from './copy.ts';
import { notAnAlert, refuse } from './format.ts';
import { listOf, mapOf, textOf } from './read.ts';

interface Alarm {
  /** With the names that alarms have by SNS. */
  alarm: JsonObject;
  raw: JsonObject;
  envelope?: JsonObject;
}

export const isAlarm = (body: JsonObject): boolean =>
  textOf(body.AlarmName) !== undefined && textOf(body.NewStateValue) !== undefined;

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
export const isSns = (body: JsonObject): boolean => textOf(body.Type) !== undefined && textOf(body.TopicArn) !== undefined;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
export const isAlarmEvent = (body: JsonObject): boolean =>
  textOf(body['detail-type'])?.startsWith('CloudWatch Alarm ') === true && isObject(body.detail);

export function alarmOfSns(body: JsonObject): Alarm {
  const type = textOf(body.Type) ?? '';
  if (type !== 'Notification')
    throw notAnAlert(
      `This is an SNS message of the type \`${type.slice(0, 80)}\`, no notification of an alarm.`,
      type === 'SubscriptionConfirmation'
        ? 'Confirm the subscription in AWS; no URL of a message is followed here.'
        : 'Only messages of the type Notification carry alarms.',
      { sns_type: type.slice(0, 80) },
    );
  const message = messageOf(body.Message ?? null);
  const inner = isAlarmEvent(message) ? alarmOfEvent(message) : { alarm: message, raw: message };
  if (!isAlarm(inner.alarm))
    throw refuse('The SNS message holds no CloudWatch alarm.', 'Its `Message` has `AlarmName` and `NewStateValue`.');
  return { ...inner, envelope: envelopeOf(body) };
}

/** Without signature and UnsubscribeURL: whoever has that one can end the subscription. */
const envelopeOf = ({ MessageId = null, TopicArn = null, Subject = null, Timestamp = null }: JsonObject): JsonObject => ({
  MessageId,
  TopicArn,
  Subject,
  Timestamp,
});

function messageOf(message: Json): JsonObject {
  if (isObject(message)) return message;
  try {
    const parsed: unknown = JSON.parse(typeof message === 'string' ? message : '');
    if (isObject(parsed)) return plainCopy(parsed) as JsonObject;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw refuse('The `Message` of the SNS message is no JSON map.', 'CloudWatch writes an alarm into it as JSON text.');
}

/** The event says the same in other words. */
export function alarmOfEvent(event: JsonObject): Alarm {
  const detail = mapOf(event.detail);
  if (!isObject(detail.state))
    throw notAnAlert('The CloudWatch event says nothing of the alarm’s state.', 'Match "CloudWatch Alarm State Change" events.');
  const { state, previousState, configuration, alarmContributor } = detail;
  const { id, attributes } = mapOf(alarmContributor);
  const alarm: JsonObject = {
    AlarmName: detail.alarmName ?? null,
    AlarmDescription: mapOf(configuration).description ?? null,
    AWSAccountId: event.account ?? null,
    NewStateValue: state.value ?? null,
    NewStateReason: state.reason ?? null,
    StateChangeTime: state.timestamp ?? event.time ?? null,
    Region: event.region ?? null,
    AlarmArn: listOf(event.resources)[0] ?? null,
    OldStateValue: mapOf(previousState).value ?? null,
    Trigger: triggerOf(mapOf(configuration)),
    ...(id === undefined ? {} : { AlarmContributorId: id }),
    ...(attributes === undefined ? {} : { AlarmContributorAttributes: attributes }),
  };
  return { alarm, raw: event };
}

function triggerOf(configuration: JsonObject): JsonObject {
  const statistic = listOf(configuration.metrics)
    .map((metric) => mapOf(mapOf(metric).metricStat))
    .find((one) => isObject(one.metric));
  if (!statistic) return {};
  const { name = null, namespace = null, dimensions } = mapOf(statistic.metric);
  return {
    MetricName: name,
    Namespace: namespace,
    Statistic: statistic.stat ?? null,
    Period: statistic.period ?? null,
    Dimensions: Object.entries(mapOf(dimensions)).map(([key, value]) => ({ name: key, value })),
  };
}
