import type OpenAI from 'openai';
import { ThreadlineError } from 'threadline/provider';
import type { Config } from './schema.ts';

const OPENAI = 'https://api.openai.com/v1';

/** One client, and so one pool of connections, for each configuration. */
const clients = new Map<string, OpenAI>();

/** The only door to the SDK, which is loaded when the first step needs it. */
export async function openClient(config: Config): Promise<OpenAI> {
  const key = JSON.stringify(config);
  const known = clients.get(key);
  if (known) return known;
  const baseURL = config.base_url ?? OPENAI;
  if (!config.api_key && needsKey(baseURL)) {
    throw new ThreadlineError('missing_credentials', `There is no API key for ${new URL(baseURL).host}.`, {
      hint: 'Set OPENAI_API_KEY, or try it with `--offline`.',
    });
  }
  const { default: Client } = await import('openai');
  const client = new Client({
    apiKey: config.api_key ?? 'none',
    baseURL,
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

function needsKey(baseUrl: string): boolean {
  if (!URL.canParse(baseUrl)) {
    throw new ThreadlineError('invalid_config', `\`base_url\` is no URL: ${baseUrl}`, { hint: 'Like `https://host/v1`.' });
  }
  return /(^|\.)(openai\.com|openai\.azure\.com|services\.ai\.azure\.com)$/.test(new URL(baseUrl).hostname);
}
