import { Interruption } from './interruption.ts';
import type { RequestFeatures } from './request-features.ts';
import { hasAnswer, type Rule } from './rules.ts';

export type Test = (features: RequestFeatures) => boolean;

export interface Entry {
  rule: Rule;
  holds: Test;
  timesLeft: number;
}

/** The rules as one request meets them. */
export class RequestRules {
  readonly #entries: readonly Entry[];
  #taken: Rule = {};

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  /** What was taken for this request. */
  get taken(): Rule {
    return this.#taken;
  }

  /**
   * The first rule that holds. If it only disturbs, the answer is that of the next below it that has one. An empty
   * rule, when none holds. Uses up one of their `times`. Throws an Interruption where nothing of the request is to be done.
   */
  take(features: RequestFeatures): Rule {
    return this.#take((entry) => entry.holds(features));
  }

  /** Of requests that no model answers, rules may only make errors and disturb, and only where they name the path. */
  takeForPath(features: RequestFeatures): Rule {
    return this.#take(
      ({ rule, holds }) => (rule.error !== undefined || !hasAnswer(rule)) && rule.when?.path !== undefined && holds(features),
    );
  }

  #take(fits: (entry: Entry) => boolean): Rule {
    const isLeft = (entry: Entry) => entry.timesLeft > 0 && fits(entry);
    const index = this.#entries.findIndex(isLeft);
    this.#use(this.#entries[index]);
    if (index < 0 || hasAnswer(this.#taken)) return this.#taken;
    const below = this.#entries.slice(index + 1);
    this.#use(below.find((entry) => hasAnswer(entry.rule) && isLeft(entry)));
    return this.#taken;
  }

  #use(entry: Entry | undefined): void {
    if (!entry) return;
    entry.timesLeft -= 1;
    this.#taken = { ...entry.rule, ...this.#taken };
    if (this.#taken.reset === 'before' || this.#taken.html) throw new Interruption(this.#taken);
  }
}
