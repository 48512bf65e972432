import { expect } from '@jest/globals';
import OpenAI from 'openai';
import type { EmulatorOptions, Rule } from '../../src/emulator/index.ts';
import { type CheckedEmulator, startCheckedEmulator } from '../support/checked-emulator.ts';

export interface Setup {
  emulator: CheckedEmulator;
  client: OpenAI;
}

/** Runs a test against an emulator of its own, and holds every exchange against OpenAI's document. */
export async function withEmulator(given: Rule[] | EmulatorOptions, run: (setup: Setup) => Promise<void>): Promise<void> {
  const emulator = await startCheckedEmulator(Array.isArray(given) ? { rules: given } : given);
  const client = new OpenAI({ apiKey: 'offline', baseURL: emulator.url, maxRetries: 0 });
  try {
    await run({ emulator, client });
    expect(emulator.violations).toEqual([]);
  } finally {
    await emulator.close();
  }
}

/** Sends what no typed client would send. */
export function send(
  emulator: CheckedEmulator,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${emulator.url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer offline', 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

export const lookup = {
  type: 'function' as const,
  name: 'lookup',
  description: 'Looks a host up',
  parameters: { type: 'object', properties: { host: { type: 'string' } }, required: ['host'], additionalProperties: false },
  strict: true,
};
