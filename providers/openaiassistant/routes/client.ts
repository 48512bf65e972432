import type OpenAI from 'openai';
import { LONGEST_TIMER_MS, ThreadlineError } from 'threadline/provider';
import type { Config } from '../contract/schema.ts';
import { OPENAI_URL } from '../dialects/servers.ts';
import { openTransport, type TransportOptions } from '../transport/open-transport.ts';

/** How often a request is repeated where nothing else is said. */
export const MAX_RETRIES = 6;
/** Hosts that take no request without a key. */
const NEEDS_KEY = /(^|\.)(openai\.com|openai\.azure\.com|services\.ai\.azure\.com)$/;

/** Clients by their configurations; each step has a light copy of one. */
const clients = new Map<string, OpenAI>();

/** A step's own options for its requests. Without `maxRetries`, the configuration's holds. */
export type RequestWishes = Partial<Omit<TransportOptions, 'server' | 'apiKey'>>;

/** A client for one step. All clients of a server share its circuit and rate limits. */
export async function openClient(config: Config, wishes: RequestWishes = {}): Promise<OpenAI> {
  const url = baseUrlOf(config);
  const apiKey = apiKeyOf(config, url);
  const transport = openTransport({
    maxRetries: config.max_retries ?? MAX_RETRIES,
    onRetry: () => {},
    onWait: () => {},
    ...wishes,
    server: url.host,
    apiKey,
  });
  return (await sharedClient(config, apiKey)).withOptions({ fetch: transport });
}

/** The only door to the SDK, loaded when the first step needs it: as CommonJS, which Node reads in three quarters of the time. */
async function sharedClient(config: Config, apiKey: string): Promise<OpenAI> {
  const key = JSON.stringify(config);
  const known = clients.get(key);
  if (known) return known;
  const { OpenAI: Client } = (await import('openai/client.js')) as unknown as typeof import('openai');
  const client = new Client({
    apiKey,
    baseURL: config.base_url ?? OPENAI_URL,
    organization: config.organization_id ?? null,
    project: config.project_id ?? null,
    // Our transport repeats requests. The SDK would repeat POSTs that the server may have taken: an answer would be paid twice.
    maxRetries: 0,
    // Our own deadlines hold; the SDK's are per attempt and do not cover streams.
    timeout: LONGEST_TIMER_MS,
    logLevel: 'off',
  });
  clients.set(key, client);
  return client;
}

/** Throws `invalid_config` where `base_url` is not a URL. */
export function baseUrlOf({ base_url: baseUrl = OPENAI_URL }: Config): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new ThreadlineError('invalid_config', `\`base_url\` is not a URL: ${baseUrl}`, { hint: 'Like `https://host/v1`.' });
}

/** Checks the key here, because Node's own complaint about a bad header would repeat it. */
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
