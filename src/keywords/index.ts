import type { JsonObject } from '../shared/json/json.ts';
import { conditionKeyword } from './condition.ts';
import { continueKeyword } from './continue.ts';
import { continueOnErrorKeyword } from './continue-on-error.ts';
import { enrichKeyword } from './enrich.ts';
import { foreachKeyword } from './foreach.ts';
import { ifKeyword } from './if.ts';
import type { Flag, Keyword } from './keyword.ts';
import { matrixKeyword } from './matrix.ts';
import { needsKeyword } from './needs.ts';
import { retryKeyword } from './retry.ts';
import { throttleKeyword } from './throttle.ts';
import { timeoutKeyword } from './timeout.ts';
import { aliasKeyword, varsKeyword } from './vars.ts';

export { asBoolean } from './if.ts';
export type { Flag, Keyword, KeywordCompiler, KeywordEffect, Roots } from './keyword.ts';

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

interface Iteration {
  /** The root that has the item. */
  name: string;
  key: string;
  iterates: 'list' | 'combinations';
}

/** Roots that only some steps have, by the key that adds them. */
export const keywordRoots: ReadonlyMap<string, string> = new Map(
  keywords.flatMap(({ root }): [string, string][] => (root ? [[root.name, root.key]] : [])),
);

/** Keywords under which a step runs once for each item. */
export const iterations: readonly Iteration[] = keywords.flatMap(({ root, iterates }) =>
  root && iterates ? [{ ...root, iterates }] : [],
);

/** Whether the step runs once for each item of something. */
export const isIterated = (step: JsonObject): boolean => iterations.some(({ key }) => step[key] !== undefined);

/** What other tools call the keys of a step, and the key that is meant. */
export const otherNames: Readonly<Record<string, string>> = Object.assign(
  {},
  ...keywords.map((keyword) => keyword.otherNames ?? {}),
);

/** Results that later steps read by names of their own. */
export const flagsOf = (step: JsonObject): Flag[] => keywords.flatMap((keyword) => keyword.flags?.(step) ?? []);

/** What of a workflow's defaults a step takes over: a keyword that it has in another form is not given twice. */
export function defaultsFor(step: JsonObject, defaults: JsonObject): JsonObject {
  const own = { ...defaults };
  for (const keyword of keywords)
    for (const name of Object.keys(keyword.defaults ?? {}))
      if (Object.keys(keyword.keys).some((key) => key !== name && step[key] !== undefined)) delete own[name];
  return own;
}
