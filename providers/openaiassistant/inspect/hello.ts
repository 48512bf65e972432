import type { Finding, ThreadlineError } from 'threadline/provider';
import { complaintOf } from '../dialects/complaint.ts';
import { failureKind } from '../dialects/failure-kinds.ts';
import { refusedParameter } from '../dialects/refused-parameter.ts';
import type { Ask } from '../question/ask.ts';
import type { Mended } from '../question/remedies.ts';
import type { ModelRoute } from '../routes/model-routes.ts';
import { bisectFailure, trialsOf, type Verdict } from './bisect-failure.ts';
import { ok, problem, warning } from './finding.ts';
import type { Subject } from './prepare.ts';
import { quotaFinding } from './quota.ts';
import { type Hello, sayHello } from './say-hello.ts';

/** A question that stands for all steps that would ask the same over the same route. */
export interface Greeting {
  ask: Ask;
  route: ModelRoute;
  subject: Subject;
  /** Models to try instead. */
  others: string[];
}

/** Asks the model as the step would, with "Hello" for a prompt, and reports how it went and what is left of the quota. */
export async function helloFindings({ ask, route, subject, others }: Greeting, signal: AbortSignal): Promise<Finding[]> {
  const say = (some: Ask) => sayHello({ ...some }, route, subject.context, signal);
  const hello = await say(ask);
  const { error } = hello;
  if (!error) return [answered(hello, ask, route.wire.name), ...hello.mended.map(mendedFinding), quotaFinding(hello.headers)];
  const known = explainedFailure(error, route);
  if (known) return [known];
  if (!isUnexplained(error)) return [problem('hello', error)];
  const verdict = await bisectFailure(ask, error, others, say);
  const details = { ...error.details, tried: trialsOf(verdict) };
  const hint = verdict.hint ?? hopeless(verdict, error);
  return verdict.hasPassed
    ? [warning('hello', `It failed once, then worked: ${error.message}`, { details, hint })]
    : [problem('hello', error, { details, hint })];
}

/** Whether the failure may be due to something in the question, and the server names neither a parameter nor a known cause. */
function isUnexplained(error: ThreadlineError): boolean {
  const { code, details } = error;
  const param = details?.param;
  if (failureKind(complaintOf(error)) !== undefined) return false;
  return UNEXPLAINED.has(code) && (typeof param !== 'string' || /^(tools|text|response_format)/.test(param));
}

const UNEXPLAINED = new Set(['server_error', 'run_failed', 'bad_request', 'empty_output', 'unsupported']);

function answered({ reply, durationMs }: Hello, ask: Ask, wire: string): Finding {
  const { tokens, model, status } = reply as NonNullable<Hello['reply']>;
  const parts = [
    ...(ask.tools.length > 0 ? [`${ask.tools.length} function${ask.tools.length === 1 ? '' : 's'}`] : []),
    ...(ask.format.type === 'text' ? [] : [ask.format.type]),
  ];
  const beside = parts.length === 0 ? '' : ` with ${parts.join(' and ')}`;
  const { prompt_tokens, completion_tokens, total_tokens } = tokens;
  const message = `${model || ask.model || 'The model'} answers over \`${wire}\`${beside}: ${durationMs} ms, ${total_tokens ?? 'unknown'} tokens.`;
  const usage = { prompt_tokens, completion_tokens, total_tokens };
  return ok('hello', message, { details: { wire, model, status, duration_ms: durationMs, usage } });
}

/** Steps are asked in the other way by themselves, after one refused request each. */
function mendedFinding({ message, learned }: Mended): Finding {
  const settings = Object.entries(learned).map(([key, value]) => `${key}: ${value}`);
  const hint =
    settings.length === 0 ? {} : { hint: `\`capabilities: { ${settings.join(', ')} }\` saves the request that is refused.` };
  return warning('hello', message, { ...hint, details: { learned } });
}

const BILLING = 'https://platform.openai.com/settings/organization/billing';
const LIMITS = 'https://platform.openai.com/settings/organization/limits';

/** The finding about a failure whose code tells its cause. */
function explainedFailure(error: ThreadlineError, { server }: ModelRoute): Finding | undefined {
  const isOpenAi = server.name === 'openai';
  const said = error.code === 'run_failed' ? error.message : '';
  if (error.code === 'quota_exceeded' || /quota|billing/i.test(said)) {
    const isOfADay = failureKind(complaintOf(error))?.name === 'day_limit';
    const spent = `The account has no quota or credit left; waiting does not help.${isOpenAi ? ` Billing: ${BILLING}` : ''}`;
    const hint = isOfADay && error.hint !== undefined ? error.hint : spent;
    return { ...problem('quota', error, { hint }), code: 'quota_exceeded' };
  }
  if (error.code === 'rate_limit' || /rate.?limit/i.test(said)) {
    const where = isOpenAi ? ` Limits: ${LIMITS}` : '';
    const hint = `Too many requests at once: lower \`concurrency\`, add \`retry\`, or ask for higher limits.${where}`;
    return { ...problem('quota', error, { hint }), code: 'rate_limit' };
  }
  if (error.code === 'authentication_failed') return problem('key', error);
  // What the server itself names, no trial tells better: functions that a model takes none of are no culprits.
  return refusedParameter(complaintOf(error)) === undefined ? undefined : problem('hello', error);
}

function hopeless({ trials }: Verdict, error: ThreadlineError): string {
  const said = error.hint ?? "It may be the server's fault: try later, or another model (`--model`).";
  const tried = trials.map(({ change }) => change).join('; ');
  return tried === '' ? said : `Nothing helped of what was tried: ${tried}. ${said}`;
}
