import { isObject, type JsonObject, ThreadlineError } from 'threadline/provider';
import { OPENAI_URL, serverAt } from '../dialects/servers.ts';
import { wireNamed } from '../wires/index.ts';
import type { Config } from './config-schema.ts';

/** Hosts that take no request without a key. */
const NEEDS_KEY = /(^|\.)(openai\.com|openai\.azure\.com|services\.ai\.azure\.com)$/;

/** Throws where a step could send no request with this configuration. One with a fallback may do without the key. */
export function checkConfig(config: Config, params: JsonObject): void {
  const url = baseUrlOf(config);
  if (params.fallback === undefined) apiKeyOf(config, url);
  if (lacksModel(config, params)) throw noModel(asksAssistants(config, params));
}

const asksAssistants = (config: Config, { wire = config.wire }: JsonObject): boolean =>
  (wireNamed(wire)?.hasAssistants ?? false) && !serverAt(baseUrlOf(config), config.server).endedAssistants;

/** An assistant in a file, or one that the server keeps, may have a model. */
function lacksModel(config: Config, { operation = 'ask', model, assistant }: JsonObject): boolean {
  if (operation !== 'ask' || [model, config.model, config.assistant_id].some((named) => named !== undefined)) return false;
  return assistant === undefined || (isObject(assistant) && assistant.model === undefined);
}

export const noModel = (hasAssistants: boolean): ThreadlineError =>
  hasAssistants
    ? new ThreadlineError('invalid_params', 'Neither an assistant nor a model is named.', {
        hint: 'Set OPENAI_ASSISTANT_ID, write `assistant: asst_…`, or a `model` to make one of.',
      })
    : new ThreadlineError('invalid_params', 'No model is named.', {
        hint: 'Write `model:` in the step, in its assistant, or in the provider configuration.',
      });

/** Throws `invalid_config` where `base_url` is not a URL. */
export function baseUrlOf({ base_url: baseUrl = OPENAI_URL }: Config): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new ThreadlineError('invalid_config', `\`base_url\` is not a URL: ${baseUrl}`, { hint: 'Like `https://host/v1`.' });
}

/** Checks the key here, because Node's own complaint about a bad header would repeat it. */
export function apiKeyOf({ api_key: given = '' }: Config, { host, hostname }: URL): string {
  const apiKey = given.trim();
  if (apiKey === '' && NEEDS_KEY.test(hostname)) {
    throw new ThreadlineError('missing_credentials', `There is no API key for ${host}.`, {
      hint: 'Set OPENAI_API_KEY, or try it with `--offline`.',
    });
  }
  if (/^[\x21-\x7e]*$/.test(apiKey)) return apiKey || 'none';
  throw new ThreadlineError('invalid_config', '`api_key` has characters that no key has, such as spaces or line breaks.', {
    hint: 'Copy it again, without quotes around it.',
  });
}
