import type { Rule } from './rules.ts';

/** Thrown by a rule that prevents the processing of a request. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly rule: Rule;

  constructor(rule: Rule) {
    super('A rule of the emulator interrupted the request.');
    this.rule = rule;
  }
}
