import type OpenAI from 'openai';
import { LONGEST_TIMER_MS } from 'threadline/provider';
import { apiKeyOf, baseUrlOf } from '../contract/check-config.ts';
import type { Config } from '../contract/schema.ts';
import { OPENAI_URL } from '../dialects/servers.ts';
import { openTransport, type TransportOptions } from '../transport/open-transport.ts';

/** How often a request is repeated where nothing else is said. */
export const MAX_RETRIES = 6;

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
