import { expect } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { checkSchema } from 'threadline/runtime';
import { type FakeHost, fakeContext } from '../../../test/support/provider-context.ts';
import { OperationParams } from '../contract/operation-schema.ts';
import type { Config } from '../contract/schema.ts';
import type { Setup } from '../knowledge/test-file-server.ts';
import { openClient } from '../routes/client.ts';
import { runOperation } from './index.ts';

/** Runs an operation as the provider would, in the memory of a test. */
export function operate(
  { config, threads }: Setup,
  params: OperationParams,
  host: FakeHost & { config?: Config } = {},
): Promise<JsonObject> {
  expect(checkSchema(OperationParams, params as JsonObject)).toEqual([]);
  const used = host.config ?? config;
  const running = openClient(used).then((client) => runOperation(params, fakeContext(used, { threads, ...host }), client));
  return running as Promise<JsonObject>;
}
