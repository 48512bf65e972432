import type OpenAI from 'openai';
import { isObject, type JsonObject, ThreadlineError, withDeadline } from 'threadline/provider';
import { baseUrlOf } from '../contract/check-config.ts';
import type { Config } from '../contract/schema.ts';
import { openClient } from '../routes/client.ts';
import { fromApiError } from '../transport/api-error.ts';

const LIMIT_MS = 20_000;

/** A model as the server lists it. */
export interface ListedModel {
  id: string;
  shutdownDate: string | undefined;
}

/** A server's answer to a request for its models, which costs nothing. */
export interface Probe {
  client: OpenAI;
  durationMs: number;
  /** Undefined where the answer is not a list of models. */
  models: ListedModel[] | undefined;
  error: ThreadlineError | undefined;
  /** Whether the answer is a web page. */
  isPage: boolean;
}

/** Throws only when the signal aborts. */
export async function probe(config: Config, signal: AbortSignal): Promise<Probe> {
  const client = await openClient(config, { maxRetries: 0 });
  const startedAt = performance.now();
  const answered = (rest: Omit<Probe, 'client' | 'durationMs'>): Probe => ({
    client,
    durationMs: Math.round(performance.now() - startedAt),
    ...rest,
  });
  try {
    const text = await askBriefly(signal, async (limit) => {
      const response = await client.get('/models', { signal: limit }).asResponse();
      return response.text();
    });
    const models = modelsIn(text);
    return answered({ models, isPage: isPage(text), error: models ? undefined : noApi(client.baseURL) });
  } catch (thrown) {
    signal.throwIfAborted();
    const error = failureOf(thrown, config, client);
    return answered({ models: undefined, isPage: isPage(error.message), error });
  }
}

/** Sends a request that costs nothing, with a short deadline. */
export function askBriefly<Answer>(signal: AbortSignal, ask: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const late = new ThreadlineError('timeout', `The server did not answer within ${LIMIT_MS / 1000} seconds.`, {
    hint: 'Check `base_url` and the network.',
  });
  return withDeadline(LIMIT_MS, late, signal, async (limit) => {
    try {
      return await ask(limit);
    } catch (thrown) {
      limit.throwIfAborted();
      throw thrown;
    }
  });
}

export const failureOf = (thrown: unknown, config: Config, client: OpenAI): ThreadlineError =>
  fromApiError(thrown, { server: baseUrlOf(config).host }, client.apiKey);

const isPage = (text: string): boolean => /<!doctype html|<html[\s>]/i.test(text.slice(0, 1000));

const noApi = (url: string): ThreadlineError =>
  new ThreadlineError('server_error', `${url} answers, but not as an API of OpenAI's kind.`, {
    retryable: false,
    hint: 'Check `base_url`: it usually ends in /v1.',
  });

function modelsIn(text: string): ListedModel[] | undefined {
  const body = parsed(text);
  return isObject(body) && Array.isArray(body.data) ? body.data.filter(isObject).flatMap(listedModel) : undefined;
}

export const listedModel = ({ id, shutdown_date: date }: JsonObject): ListedModel[] =>
  typeof id === 'string' ? [{ id, shutdownDate: typeof date === 'string' ? date : undefined }] : [];

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The answer is not JSON: a web page, for example.
    return undefined;
  }
}
