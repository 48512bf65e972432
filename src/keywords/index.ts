import { conditionKeyword } from './condition.ts';
import { continueKeyword } from './continue.ts';
import { continueOnErrorKeyword } from './continue-on-error.ts';
import { enrichKeyword } from './enrich.ts';
import { foreachKeyword } from './foreach.ts';
import { ifKeyword } from './if.ts';
import type { Keyword } from './keyword.ts';
import { matrixKeyword } from './matrix.ts';
import { needsKeyword } from './needs.ts';
import { retryKeyword } from './retry.ts';
import { throttleKeyword } from './throttle.ts';
import { timeoutKeyword } from './timeout.ts';
import { aliasKeyword, varsKeyword } from './vars.ts';

export { asBoolean } from './if.ts';
export type { Keyword, KeywordCompiler, KeywordEffect, Roots } from './keyword.ts';

/** Outermost first: an item has its `vars`, is asked its `if`, then tried up to `retry` times, each try within `timeout`. */
export const keywords: readonly Keyword[] = [
  needsKeyword,
  continueOnErrorKeyword,
  continueKeyword,
  foreachKeyword,
  matrixKeyword,
  varsKeyword,
  aliasKeyword,
  conditionKeyword,
  ifKeyword,
  throttleKeyword,
  enrichKeyword,
  retryKeyword,
  timeoutKeyword,
];
