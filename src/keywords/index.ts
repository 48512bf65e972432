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

export type { Flag, Keyword, KeywordCompiler, KeywordEffect, Roots } from './keyword.ts';

/** Outermost first: an item gets its `vars`, then `if` decides, then `retry` makes its attempts, each within `timeout`. */
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
  /** Root that holds the current item. */
  name: string;
  key: string;
  iterates: 'list' | 'combinations';
}

/** Maps each root that only some steps have to the key that adds it. */
export const keywordRoots: ReadonlyMap<string, string> = new Map(
  keywords.flatMap(({ root }): [string, string][] => (root ? [[root.name, root.key]] : [])),
);

/** Keywords that run a step once for each item. */
export const iterations: readonly Iteration[] = keywords.flatMap(({ root, iterates }) =>
  root && iterates ? [{ ...root, iterates }] : [],
);

/** Tells whether the step runs once for each item. */
export const isIterated = (step: JsonObject): boolean => iterations.some(({ key }) => step[key] !== undefined);

/** Names that other tools give to step keys, with the right key. */
export const otherNames: Readonly<Record<string, string>> = Object.assign(
  {},
  ...keywords.map((keyword) => keyword.otherNames ?? {}),
);

/** Results of the step's keywords that later steps can read. */
export const flagsOf = (step: JsonObject): Flag[] => keywords.flatMap((keyword) => keyword.flags?.(step) ?? []);

/** The workflow's defaults that apply to the step: a keyword that the step sets in another form is left out. */
export function defaultsFor(step: JsonObject, defaults: JsonObject): JsonObject {
  const own = { ...defaults };
  for (const keyword of keywords)
    for (const name of Object.keys(keyword.defaults ?? {}))
      if (Object.keys(keyword.keys).some((key) => key !== name && step[key] !== undefined)) delete own[name];
  return own;
}
