import type { BinaryOperator } from '../core/operators.ts';

/** Precedence of the operators, as in CEL; of `not`, as in Python. */
export const POWER: Readonly<Record<string, number>> = {
  ...{ '||': 2, or: 2, '&&': 3, and: 3 },
  ...{ '==': 5, '!=': 5, '<': 5, '<=': 5, '>': 5, '>=': 5, in: 5, not: 5, is: 5 },
  ...{ '+': 6, '-': 6, '*': 7, '/': 7, '%': 7 },
};
export const TERNARY = 1;
export const NOT = 4;
export const UNARY = 8;
export const DEEPEST = 100;
/** Limits the depth of the tree, which is compiled and evaluated recursively. */
export const MOST_NODES = 500;

export const ORDERS: ReadonlySet<BinaryOperator> = new Set(['<', '<=', '>', '>=']);

export const WORDS: Readonly<Record<string, BinaryOperator>> = { or: '||', and: '&&' };
export const LITERALS = new Map<string, boolean | null>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['null', null],
  ['None', null],
]);
