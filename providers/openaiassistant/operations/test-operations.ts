import { expect } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { checkSchema } from 'threadline/runtime';
import { type TestHost, testContext } from 'threadline/testing';
import { OperationParams } from '../contract/operation-schema.ts';
import type { Config } from '../contract/schema.ts';
import type { Setup } from '../knowledge/test-file-server.ts';
import { openClient } from '../routes/client.ts';
import { runOperation } from './index.ts';

/** Runs an operation as the provider would, in the memory of a test. */
export function operate(
  { config, threads }: Setup,
  params: OperationParams,
  host: TestHost & { config?: Config } = {},
): Promise<JsonObject> {
  expect(checkSchema(OperationParams, params as JsonObject)).toEqual([]);
  const used = host.config ?? config;
  const running = openClient(used).then((client) => runOperation(params, testContext(used, { threads, ...host }), client));
  return running as Promise<JsonObject>;
}
