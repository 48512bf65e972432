import type { LookupAddress } from 'node:dns';
import { jest } from '@jest/globals';

export const PUBLIC = { address: '93.184.215.14', family: 4 };
export const LOOPBACK = { address: '127.0.0.1', family: 4 };

let answers: LookupAddress[][] = [];
let asked = 0;

/** A double for the name server, for tests that import what resolves names afterwards: the open internet does not answer them. */
export const nameServer = {
  /** It answers with the one after the other; the last one is repeated. */
  answers(...given: LookupAddress[][]): void {
    answers = given;
    asked = 0;
  },
  /** The number of questions since then. */
  asked: () => asked,
};

jest.unstable_mockModule('node:dns', () => ({
  lookup: (_name: string, _options: object, callback: (error: Error | null, addresses: LookupAddress[]) => void) => {
    const answer = answers[Math.min(asked++, answers.length - 1)] ?? [];
    process.nextTick(() => callback(null, answer));
  },
}));
