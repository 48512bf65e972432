import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll } from '@jest/globals';
import type { Json, JsonObject, ThreadlineError } from 'threadline/provider';
import { testStep } from 'threadline/testing';
import { RunThreads } from '../../../src/run/run-threads.ts';
import type { Config, Params } from '../contract/schema.ts';
import { type AssistantHost, failureOf, host, KEY, type Results, runAssistant, serve } from '../testing/test-assistant.ts';
import type { WireName } from './index.ts';

/** A request to a server that imitates an API. */
export interface Request {
  method: string;
  /** Below the base URL, without the query. */
  path: string;
  body: JsonObject;
}

/** JSON as it is, or the text of a stream. */
export type Answer = { json: Json; status?: number } | { stream: string };

export interface Imitation {
  baseUrl: string;
  requests: Request[];
  ask(params?: Params, host?: AssistantHost): Promise<Results>;
  failure(params?: Params, host?: AssistantHost): Promise<ThreadlineError>;
}

const opened: RunThreads[] = [];

afterAll(async () => {
  for (const threads of opened) await threads.close();
});

/** A server that answers as the test says, whatever OpenAI would; for steps over one wire, with one store of threads. */
export async function imitate(wire: WireName, answer: (request: Request, count: number) => Answer): Promise<Imitation> {
  const requests: Request[] = [];
  const baseUrl = await serve(async (incoming, response) => {
    const request = await requestOf(incoming);
    requests.push(request);
    send(response, answer(request, requests.length));
  });
  const config: Config = { base_url: baseUrl, api_key: KEY, server: 'compatible', max_retries: 0 };
  const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
  opened.push(threads);
  const ask: Imitation['ask'] = (params, host) =>
    runAssistant(
      { prompt: 'Why?', wire, stream: false, ...params },
      { threads, ...host, config: { ...config, ...host?.config } },
    );
  return { baseUrl, requests, ask, failure: (params, host) => failureOf(ask(params, host)) };
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  const path = (incoming.url ?? '').replace(/^\/v1/, '').replace(/\?.*$/, '');
  return { method: incoming.method ?? '', path, body: text === '' ? {} : (JSON.parse(text) as JsonObject) };
}

function send(response: ServerResponse, answer: Answer): void {
  if ('stream' in answer) response.setHeader('content-type', 'text/event-stream').end(answer.stream);
  else response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.json));
}

/** Events as servers send them; `[DONE]` is left to the test. */
export const events = (...list: Json[]): string => list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

/** A function for the model, which says what it was called with. */
export const lookup = (seen: JsonObject[] = []) => ({
  function: 'lookup',
  parameters: host,
  provider: testStep((args) => {
    seen.push(args);
    return 'up';
  }),
});
