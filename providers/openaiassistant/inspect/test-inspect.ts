import { expect } from '@jest/globals';
import type { Finding, JsonObject } from 'threadline/provider';
import { testContext } from 'threadline/testing';
import type { Config } from '../contract/schema.ts';
import provider from '../index.ts';
import { KEY } from '../testing/test-assistant.ts';

export interface Inspected {
  /** Step → parameters; without steps the configuration alone is looked at. */
  steps?: Record<string, JsonObject>;
  asks?: boolean;
  files?: JsonObject;
}

/** The provider's findings, in order. The key never stands in them. */
export async function inspected(config: Config, { steps, asks = true, files = {} }: Inspected = {}): Promise<Finding[]> {
  const { signal } = new AbortController();
  const whole: Config = { api_key: KEY, ...config };
  const subjects = Object.entries(steps ?? { '': {} }).map(([name, params]) => ({
    step: name || undefined,
    params,
    context: testContext(whole, { files: files as never, signal }),
  }));
  const findings: Finding[] = [];
  for await (const finding of provider.inspect?.(subjects, { asks, signal }) ?? []) findings.push(finding);
  expect(JSON.stringify(findings)).not.toContain(KEY);
  return findings;
}

export const of = (findings: Finding[], check: string): Finding[] => findings.filter((finding) => finding.check === check);

/** `key ok`, `hello problem` … */
export const outline = (findings: Finding[]): string[] => findings.map(({ check, status }) => `${check} ${status}`);
