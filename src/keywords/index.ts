import { continueOnErrorKeyword } from './continue-on-error.ts';
import { foreachKeyword } from './foreach.ts';
import { ifKeyword } from './if.ts';
import type { Keyword } from './keyword.ts';
import { needsKeyword } from './needs.ts';
import { retryKeyword } from './retry.ts';
import { timeoutKeyword } from './timeout.ts';

export type { Keyword, KeywordCompiler } from './keyword.ts';

/** Outermost first: an item is asked its `if`, then tried up to `retry` times, each try within `timeout`. */
export const keywords: readonly Keyword[] = [
  needsKeyword,
  continueOnErrorKeyword,
  foreachKeyword,
  ifKeyword,
  retryKeyword,
  timeoutKeyword,
];
