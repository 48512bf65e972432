import type { ProviderEvent } from '../plan/event.ts';
import type { Provider } from '../provider/contract.ts';
import { ERRORS, reportOf, ThreadlineError } from '../shared/errors/errors.ts';
import { type JsonObject, toJson } from '../shared/json/json.ts';
import { checkSchema } from '../shared/schema/check-schema.ts';
import { Mask } from '../shared/text/mask.ts';
import { placeOfNoJson } from './plain-json.ts';

/** Whether data shows a secret of the configuration. */
function shows(config: JsonObject, data: unknown): boolean {
  const mask = new Mask();
  mask.addConfig(config);
  return JSON.stringify(mask.apply(toJson(data))) !== JSON.stringify(toJson(data));
}

/** What is wrong with the results and the events of a call. */
export function brokenInResults(results: unknown, events: readonly ProviderEvent[], config: JsonObject): string[] {
  const place = placeOfNoJson(results, 'results');
  return [
    ...(place ? [`The results are not plain JSON: ${place}.`] : []),
    ...(!place && shows(config, results) ? ['The results show a secret of the configuration.'] : []),
    ...(shows(config, events) ? ['An event shows a secret of the configuration.'] : []),
  ];
}

/** Where the results are not what the provider declares of them. */
export function brokenInResultShape(provider: Provider, params: JsonObject, results: unknown): string[] {
  const declared = provider.results?.(params);
  const issues = declared ? checkSchema(declared, toJson(results)) : [];
  return issues.map(({ path, message }) => `The results are not what \`results\` declares: ${[...path, message].join(' ')}.`);
}

/** What is wrong with what a call rejected with; `of` names the failure at the start of a sentence. */
export function brokenInError(of: string, error: unknown, { errors = {} }: Provider, config: JsonObject): string[] {
  if (!(error instanceof ThreadlineError)) return [`${of} is reported as ${textOf(error)}, which is not a ThreadlineError.`];
  const isKnown = Object.hasOwn(ERRORS, error.code) || Object.hasOwn(errors, error.code);
  return [
    ...(isKnown ? [] : [`${of} has the code \`${error.code}\`, which \`errors\` does not declare.`]),
    ...(typeof error.retryable === 'boolean' ? [] : [`${of} says neither true nor false in \`retryable\`.`]),
    ...(shows(config, reportOf(error)) ? [`${of} shows a secret of the configuration.`] : []),
  ];
}

export const textOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
