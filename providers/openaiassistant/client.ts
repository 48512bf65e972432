import type OpenAI from 'openai';
import { ThreadlineError } from 'threadline/provider';
import type { Config } from './schema.ts';
import { OPENAI_URL } from './servers.ts';

/** Of hosts that take no request without a key. */
const NEEDS_KEY = /(^|\.)(openai\.com|openai\.azure\.com|services\.ai\.azure\.com)$/;

/** One client, and so one pool of connections, for each configuration. */
const clients = new Map<string, OpenAI>();

/** The only door to the SDK, which is loaded when the first step needs it. */
export async function openClient(config: Config): Promise<OpenAI> {
  const key = JSON.stringify(config);
  const known = clients.get(key);
  if (known) return known;
  const apiKey = apiKeyOf(config, baseUrlOf(config));
  const { default: Client } = await import('openai');
  const client = new Client({
    apiKey,
    baseURL: config.base_url ?? OPENAI_URL,
    organization: config.organization_id ?? null,
    project: config.project_id ?? null,
    // The SDK repeats POSTs whose connection broke although the server took them: an answer would be paid twice.
    maxRetries: 0,
    // Our own deadlines hold; the SDK's are per attempt and do not cover streams.
    timeout: 2 ** 31 - 1,
    logLevel: 'off',
  });
  clients.set(key, client);
  return client;
}

/** Throws `invalid_config` where it is none. */
export function baseUrlOf({ base_url: baseUrl = OPENAI_URL }: Config): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new ThreadlineError('invalid_config', `\`base_url\` is no URL: ${baseUrl}`, { hint: 'Like `https://host/v1`.' });
}

/** Never repeats the key: Node's own complaint about a bad header would. */
function apiKeyOf({ api_key: given = '' }: Config, { host, hostname }: URL): string {
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
