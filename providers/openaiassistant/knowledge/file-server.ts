import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import { type ProviderContext, ThreadlineError } from 'threadline/provider';
import type { RemoteObject, ThreadStore } from 'threadline/runtime';
import type { Config } from '../contract/schema.ts';
import { fromApiError, withApiErrors } from '../transport/api-error.ts';

/** A server where files and vector stores are kept, as one step works with it. */
export interface FileServer {
  client: OpenAI;
  context: ProviderContext<Config>;
  signal: AbortSignal;
  /** Remembers what was made there, across steps and runs. */
  store: ThreadStore;
  /** Under which things of this server stand in the store: its host, with organisation and project. */
  remoteKey: string;
  /** Part of a hash of the key: tells accounts apart, of which nothing else is known. */
  account: string;
}

/** How long something that was seen at the server is taken to be there still. */
const SEEN_FOR_MS = 300_000;

export async function openFileServer(
  client: OpenAI,
  context: ProviderContext<Config>,
  signal: AbortSignal = context.signal,
): Promise<FileServer> {
  const { organization_id: organization, project_id: project } = context.config;
  const remoteKey = [hostOf(client), organization, project].filter(Boolean).join('/');
  const account = sha256(client.apiKey ?? '').slice(0, 8);
  return { client, context, signal, store: await context.runtime.threads.store(), remoteKey, account };
}

export const hostOf = ({ baseURL }: OpenAI): string => new URL(baseURL).host;

export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Sends a request; failures of the SDK become ThreadlineErrors. */
export async function request<Result>(
  { client, signal }: Pick<FileServer, 'client' | 'signal'>,
  send: (options: { signal: AbortSignal }) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const toError = (thrown: unknown) => fromApiError(thrown, { server: hostOf(client) }, client.apiKey);
  return withApiErrors(signal, toError, () => send({ signal }));
}

/** Sends a request; resolves with undefined where the server does not have what was asked for. */
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

/** Whether the server does not have it, or does not have such a method or path at all. */
export const isGone = (thrown: unknown): boolean =>
  thrown instanceof ThreadlineError && [404, 405, 501].includes(Number(thrown.details?.status));

/** The data of an object in the store: when it was last seen at the server, and by which account. */
export const seenNow = ({ account }: FileServer): { account: string; seenAtMs: number } => ({ account, seenAtMs: Date.now() });

/** Whether it was seen so lately that it need not be looked for. What another account saw does not count. */
export function wasJustSeen({ data }: RemoteObject, { account }: FileServer): boolean {
  const seen = data as { account?: unknown; seenAtMs?: unknown };
  return seen.account === account && Date.now() - Number(seen.seenAtMs) < SEEN_FOR_MS;
}
