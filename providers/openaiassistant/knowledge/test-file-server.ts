import { expect } from '@jest/globals';
import { ThreadlineError } from 'threadline/provider';
import { type TestHost, testContext } from 'threadline/testing';
import type { EmulatorOptions } from '../../../src/emulator/index.ts';
import { RunThreads } from '../../../src/run/run-threads.ts';
import { type CheckedEmulator, startCheckedEmulator } from '../../../test/support/checked-emulator.ts';
import type { Config } from '../contract/schema.ts';
import { openClient } from '../routes/client.ts';
import { type FileServer, openFileServer } from './file-server.ts';

const KEY = 'sk-test-knowledge-0123456789';

export interface Setup {
  emulator: CheckedEmulator;
  config: Config;
  /** The memory of the thread store in this test. */
  threads: RunThreads;
  /** A step's view of the emulator; all of a test remember together. */
  open(host?: TestHost & { config?: Config }): Promise<FileServer>;
  /** `POST /files` and the like since it was last asked for. */
  traffic(): string[];
}

/** Runs a test against an emulator of its own, and holds every exchange against OpenAI's document. */
export async function withServer(test: (setup: Setup) => Promise<void>, options: EmulatorOptions = {}): Promise<void> {
  const emulator = await startCheckedEmulator(options);
  const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
  const config = { api_key: KEY, base_url: emulator.url };
  let seen = 0;
  const traffic = () => {
    const since = emulator.requests.slice(seen).map(({ method, path }) => `${method} ${anonymous(path)}`);
    seen = emulator.requests.length;
    return since;
  };
  try {
    const open: Setup['open'] = (host) => openAt(host?.config ?? config, { threads, ...host });
    await test({ emulator, config, threads, open, traffic });
    expect(emulator.violations).toEqual([]);
  } finally {
    await threads.close();
    await emulator.close();
  }
}

export const openAt = async (config: Config, host: TestHost = {}): Promise<FileServer> =>
  openFileServer(await openClient({ max_retries: 0, ...config }), testContext(config, host));

const anonymous = (path: string) => path.replace(/\/(file-|vs_|vsfb_|conv_|msg_)\w+/g, '/ID').split('?')[0];

/** The failure of some work: always a ThreadlineError. */
export async function failureOf(running: Promise<unknown>): Promise<ThreadlineError> {
  const thrown = await running.then(
    (results) => expect(results).toBe('a failure'),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ThreadlineError);
  return thrown as ThreadlineError;
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
