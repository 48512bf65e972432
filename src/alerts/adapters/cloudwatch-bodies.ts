import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/parse-json.ts';
import { invalidBody, notAnAlert } from './alert-format.ts';
import { asList, asMap, firstText } from './foreign-data.ts';
import { plainCopy } from './plain-copy.ts';

interface Alarm {
  /** With the field names of alarms sent over SNS. */
  alarm: JsonObject;
  raw: JsonObject;
  envelope?: JsonObject;
}

export const isAlarm = (body: JsonObject): boolean =>
  firstText(body.AlarmName) !== undefined && firstText(body.NewStateValue) !== undefined;

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
export const isSns = (body: JsonObject): boolean => firstText(body.Type) !== undefined && firstText(body.TopicArn) !== undefined;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
export const isAlarmEvent = (body: JsonObject): boolean =>
  firstText(body['detail-type'])?.startsWith('CloudWatch Alarm ') === true && isObject(body.detail);

export function alarmOfSns(body: JsonObject): Alarm {
  const type = firstText(body.Type) ?? '';
  if (type !== 'Notification')
    throw notAnAlert(
      `The body is an SNS message of the type \`${type.slice(0, 80)}\`, not the notification of an alarm.`,
      type === 'SubscriptionConfirmation'
        ? 'Confirm the subscription in AWS: Threadline follows no URL of a message.'
        : 'Only messages of the type Notification carry alarms.',
      { sns_type: type.slice(0, 80) },
    );
  const message = messageOf(body.Message ?? null);
  const inner = isAlarmEvent(message) ? alarmOfEvent(message) : { alarm: message, raw: message };
  if (!isAlarm(inner.alarm))
    throw invalidBody('The SNS message contains no CloudWatch alarm.', 'Its `Message` has `AlarmName` and `NewStateValue`.');
  return { ...inner, envelope: envelopeOf(body) };
}

/** Without the signature, and without UnsubscribeURL: anyone who has it can end the subscription. */
const envelopeOf = ({ MessageId = null, TopicArn = null, Subject = null, Timestamp = null }: JsonObject): JsonObject => ({
  MessageId,
  TopicArn,
  Subject,
  Timestamp,
});

function messageOf(message: Json): JsonObject {
  if (isObject(message)) return message;
  try {
    const parsed: unknown = parseJson(typeof message === 'string' ? message : '');
    if (isObject(parsed)) return plainCopy(parsed) as JsonObject;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalidBody('The `Message` of the SNS message must be a JSON map.', 'CloudWatch writes an alarm into it as JSON text.');
}

/** The event has the same facts under other names. */
export function alarmOfEvent(event: JsonObject): Alarm {
  const detail = asMap(event.detail);
  if (!isObject(detail.state))
    throw notAnAlert('The CloudWatch event does not contain the alarm’s state.', 'Match "CloudWatch Alarm State Change" events.');
  const { state, previousState, configuration, alarmContributor } = detail;
  const { id, attributes } = asMap(alarmContributor);
  const alarm: JsonObject = {
    AlarmName: detail.alarmName ?? null,
    AlarmDescription: asMap(configuration).description ?? null,
    AWSAccountId: event.account ?? null,
    NewStateValue: state.value ?? null,
    NewStateReason: state.reason ?? null,
    StateChangeTime: state.timestamp ?? event.time ?? null,
    Region: event.region ?? null,
    AlarmArn: asList(event.resources)[0] ?? null,
    OldStateValue: asMap(previousState).value ?? null,
    Trigger: triggerOf(asMap(configuration)),
    ...(id === undefined ? {} : { AlarmContributorId: id }),
    ...(attributes === undefined ? {} : { AlarmContributorAttributes: attributes }),
  };
  return { alarm, raw: event };
}

function triggerOf(configuration: JsonObject): JsonObject {
  const statistic = asList(configuration.metrics)
    .map((metric) => asMap(asMap(metric).metricStat))
    .find((one) => isObject(one.metric));
  if (!statistic) return {};
  const { name = null, namespace = null, dimensions } = asMap(statistic.metric);
  return {
    MetricName: name,
    Namespace: namespace,
    Statistic: statistic.stat ?? null,
    Period: statistic.period ?? null,
    Dimensions: Object.entries(asMap(dimensions)).map(([key, value]) => ({ name: key, value })),
  };
}
