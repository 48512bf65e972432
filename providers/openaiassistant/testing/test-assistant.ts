import { getEventListeners } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { type Json, type JsonObject, type ProviderEvent, ThreadlineError } from 'threadline/provider';
import { checkSchema } from 'threadline/runtime';
import { type TestHost, testContext } from 'threadline/testing';
import type { EmulatorOptions, Rule } from '../../../src/emulator/index.ts';
import { RunThreads } from '../../../src/run/run-threads.ts';
import { type CheckedEmulator, startCheckedEmulator } from '../../../test/support/checked-emulator.ts';
import { type Config, Params } from '../contract/schema.ts';
import provider from '../index.ts';

const MODEL = 'gpt-6-luna';
export const KEY = 'sk-test-0123456789-secret';

/** The part of a step's results that tests read. */
export interface Results extends JsonObject {
  response: Json;
  text: string;
  thread_id: string | null;
  run_id: string;
  status: string;
  messages: JsonObject[];
  tool_calls: JsonObject[];
  usage: JsonObject;
  json: JsonObject;
}

export type AssistantHost = TestHost & { config?: Config };

/** Runs the provider as the host would, and holds it to the contract: nothing stays behind on the signal. */
export async function runAssistant(params: Params, host: AssistantHost = {}): Promise<Results> {
  const signal = host.signal ?? new AbortController().signal;
  const given: Params = Object.fromEntries(
    Object.entries({ ...(params.operation ? {} : { model: MODEL }), ...params }).filter(([, value]) => value !== undefined),
  );
  expect(checkSchema(Params, given as JsonObject, { isOpen: (_, schema) => schema['x-threadline'] === 'step' })).toEqual([]);
  try {
    const config: Config = { server: 'openai', max_retries: 0, ...host.config };
    const results = (await provider.run(given, testContext(config, { ...host, signal }))) as Results;
    const declared = provider.results?.(given as JsonObject);
    if (declared) expect(checkSchema(declared, results)).toEqual([]);
    return results;
  } finally {
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  }
}

export interface Setup {
  emulator: CheckedEmulator;
  /** The events that the provider emitted, in all asks of the test. */
  events: ProviderEvent[];
  ask(params: Params, host?: AssistantHost): Promise<Results>;
  failure(params: Params, host?: AssistantHost): Promise<ThreadlineError>;
  /** The bodies of all requests for an answer. */
  asked(): JsonObject[];
  /** The items of the request number `index`. */
  input(index: number): JsonObject[];
  /** `POST /responses` and the like, of all requests. */
  traffic(): string[];
}

/** Runs a test against an emulator of its own, and holds every exchange against OpenAI's document. */
export async function withAssistant(given: Rule[] | EmulatorOptions, test: (setup: Setup) => Promise<void>): Promise<void> {
  const emulator = await startCheckedEmulator(Array.isArray(given) ? { rules: given } : given);
  const config: Config = { api_key: KEY, base_url: emulator.url, server: 'openai', max_retries: 0 };
  const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
  const events: ProviderEvent[] = [];
  const ask: Setup['ask'] = (params, host) =>
    runAssistant(params, { emit: (event) => events.push(event), threads, ...host, config: { ...config, ...host?.config } });
  const failure: Setup['failure'] = (params, host) => failureOf(ask(params, host));
  const asked = () => emulator.requests.filter(({ path }) => path === '/responses').map(({ body }) => body as JsonObject);
  const input = (index: number) => asked()[index]?.input as JsonObject[];
  const traffic = () => emulator.requests.map(({ method, path }) => `${method} ${path.replace(/conv_\w+/, 'ID').split('?')[0]}`);
  try {
    await test({ emulator, events, ask, failure, asked, input, traffic });
    expect(emulator.violations).toEqual([]);
  } finally {
    await threads.close();
    await emulator.close();
  }
}

const clientOf = ({ url }: CheckedEmulator) => new OpenAI({ apiKey: KEY, baseURL: url });

/** The id of a file that exists. */
export const newFile = async (emulator: CheckedEmulator): Promise<string> =>
  (await clientOf(emulator).files.create({ file: await toFile(Buffer.from('x'), 'x.txt'), purpose: 'user_data' })).id;

/** The id of a vector store that exists. */
export const newVectorStore = async (emulator: CheckedEmulator): Promise<string> =>
  (await clientOf(emulator).vectorStores.create({})).id;

/** The failure of a run: always a ThreadlineError, and never with the key in it. */
export async function failureOf(running: Promise<unknown>): Promise<ThreadlineError> {
  const thrown = await running.then(
    (results) => expect(results).toBe('a failure'),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ThreadlineError);
  for (let cause = thrown as Error | undefined; cause?.message !== undefined; cause = cause.cause as Error | undefined)
    expect(`${cause.message} ${JSON.stringify(cause)}`).not.toContain(KEY);
  return thrown as ThreadlineError;
}

const servers: Server[] = [];

afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

/** A server for faults that the emulator cannot have. Resolves with its base URL; it ends with the test file. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

/** A server whose every answer is a fault; `count` says how often something was sent to it. */
export async function counting(answer: (response: ServerResponse) => void) {
  let requests = 0;
  const base_url = await serve((request, response) => {
    if (request.method === 'POST') requests++;
    request.resume();
    answer(response);
  });
  return { base_url, count: () => requests };
}

export const host = {
  type: 'object',
  properties: { host: { type: 'string' } },
  required: ['host'],
  additionalProperties: false,
};
