import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import { type ProviderContext, ThreadlineError } from 'threadline/provider';
import type { RemoteObject, ThreadStore } from 'threadline/runtime';
import type { Config } from '../contract/schema.ts';
import { fromApiError } from '../transport/api-error.ts';

/** A server where files and vector stores are kept, as one step works with it. */
export interface FileServer {
  client: OpenAI;
  context: ProviderContext<Config>;
  signal: AbortSignal;
  /** What is remembered of it across steps and runs. */
  store: ThreadStore;
  /** Where in the store: its host, with the organisation and project that things belong to. */
  place: string;
  /** Tells accounts apart, of which nothing else is known than their keys. */
  account: string;
}

/** How long something that was seen at the server is believed to be still there. */
const SEEN_FOR_MS = 300_000;

export async function openFileServer(
  client: OpenAI,
  context: ProviderContext<Config>,
  signal: AbortSignal = context.signal,
): Promise<FileServer> {
  const { organization_id: organization, project_id: project } = context.config;
  const place = [hostOf(client), organization, project].filter(Boolean).join('/');
  const account = sha256(client.apiKey ?? '').slice(0, 8);
  return { client, context, signal, store: await context.runtime.threads.store(), place, account };
}

export const hostOf = ({ baseURL }: OpenAI): string => new URL(baseURL).host;

export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Sends one request, and names what it failed of. */
export async function request<Result>(
  { client, signal }: Pick<FileServer, 'client' | 'signal'>,
  send: (options: { signal: AbortSignal }) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  try {
    return await send({ signal });
  } catch (thrown) {
    signal.throwIfAborted();
    throw fromApiError(thrown, { server: hostOf(client) }, client.apiKey);
  }
}

/** Undefined where the server does not know what was asked for. */
export async function requestIfThere<Result>(
  server: Pick<FileServer, 'client' | 'signal'>,
  send: (options: { signal: AbortSignal }) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await request(server, send);
  } catch (thrown) {
    if (isGone(thrown)) return undefined;
    throw thrown;
  }
}

/** Also of servers that know no such method or path at all. */
export const isGone = (thrown: unknown): boolean =>
  thrown instanceof ThreadlineError && [404, 405, 501].includes(Number(thrown.details?.status));

/** The data of an object says when it was last seen at the server, and by whom. */
export const seenNow = ({ account }: FileServer): { account: string; seenAtMs: number } => ({ account, seenAtMs: Date.now() });

/** Whether it need not be looked for again. What another account saw proves nothing. */
export function wasJustSeen({ data }: RemoteObject, { account }: FileServer): boolean {
  const seen = data as { account?: unknown; seenAtMs?: unknown };
  return seen.account === account && Date.now() - Number(seen.seenAtMs) < SEEN_FOR_MS;
}
