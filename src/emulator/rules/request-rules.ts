import { Interruption } from './interruption.ts';
import type { RequestFeatures } from './request-features.ts';
import { hasAnswer, type Rule } from './rules.ts';

export type FeatureTest = (features: RequestFeatures) => boolean;

export interface RuleEntry {
  rule: Rule;
  holds: FeatureTest;
  timesLeft: number;
}

/** Applies the rules to a request. */
export class RequestRules {
  readonly #entries: readonly RuleEntry[];
  #taken: Rule = {};

  constructor(entries: readonly RuleEntry[]) {
    this.#entries = entries;
  }

  /** The rules that were applied to this request. */
  get taken(): Rule {
    return this.#taken;
  }

  /**
   * Finds the first matching rule. If it only disturbs, the next matching rule with an answer adds that. Returns an empty rule
   * if none matches. Uses up one of their `times`. Throws an Interruption if the request must not be processed.
   */
  take(features: RequestFeatures): Rule {
    return this.#take((entry) => entry.holds(features));
  }

  /** On routes without a model, rules may only cause errors and disturbances, and only if they name the path. */
  takeForPath(features: RequestFeatures): Rule {
    return this.#take(
      ({ rule, holds }) => (rule.error !== undefined || !hasAnswer(rule)) && rule.when?.path !== undefined && holds(features),
    );
  }

  #take(fits: (entry: RuleEntry) => boolean): Rule {
    const isLeft = (entry: RuleEntry) => entry.timesLeft > 0 && fits(entry);
    const index = this.#entries.findIndex(isLeft);
    this.#use(this.#entries[index]);
    if (index < 0 || hasAnswer(this.#taken)) return this.#taken;
    const below = this.#entries.slice(index + 1);
    this.#use(below.find((entry) => hasAnswer(entry.rule) && isLeft(entry)));
    return this.#taken;
  }

  #use(entry: RuleEntry | undefined): void {
    if (!entry) return;
    entry.timesLeft -= 1;
    this.#taken = { ...entry.rule, ...this.#taken };
    if (this.#taken.reset === 'before' || this.#taken.html) throw new Interruption(this.#taken);
  }
}
