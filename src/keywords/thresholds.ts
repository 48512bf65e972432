import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json, type JsonNumber } from '../shared/json/json.ts';
import { isNumber, readNumber } from '../shared/json/number.ts';

/** A text may list several limits: `90, 70`. */
export const thresholdsIn = (limit: Json): Json[] =>
  typeof limit === 'string' && limit.includes(',') ? limit.split(',').map((part) => part.trim()) : [limit];

export function exceeds(value: Json, limit: Json, below: boolean): boolean {
  const [left, right] = [amountOf(value, 'value'), amountOf(limit, 'compare_to')];
  if (left.isPercentage !== right.isPercentage) {
    throw new ThreadlineError(
      'expression_failed',
      `A percentage and a number cannot be compared: ${show(value)} and ${show(limit)}.`,
      {
        hint: 'Write both with %, or none.',
      },
    );
  }
  return below ? left.amount < right.amount : left.amount > right.amount;
}

interface Amount {
  amount: JsonNumber;
  isPercentage: boolean;
}

const NUMBER = /^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(%?)\s*$/;

function amountOf(value: Json, what: string): Amount {
  if (isNumber(value)) return { amount: value, isPercentage: false };
  const found = typeof value === 'string' ? NUMBER.exec(value) : undefined;
  if (found) return { amount: readNumber(found[1] ?? ''), isPercentage: found[2] === '%' };
  throw new ThreadlineError(
    'expression_failed',
    `The \`${what}\` of a threshold must be a number or a percentage, not ${show(value)}.`,
    {
      hint: 'A query that finds nothing gives an empty list: ask for its first cell, such as `results[0].value`.',
    },
  );
}

const show = (value: Json): string => {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

export interface Deviation {
  value: Json;
  stddev: number;
  mean: number;
  [field: string]: Json;
}

/** Distance of each row's number from the mean, in standard deviations of a sample. */
export function deviations(list: Json, column: Json): Deviation[] {
  if (!Array.isArray(list) || list.length < 2)
    throw new ThreadlineError('expression_failed', `\`stddev\` needs a list of two numbers or more, not ${show(list)}.`);
  const numbers = list.map((row) => Number(amountOf(cellOf(row, column), 'value').amount));
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const variance = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / (numbers.length - 1);
  const spread = Math.sqrt(variance);
  return list.map((value, index) => {
    const distance = Math.abs((numbers[index] ?? mean) - mean);
    return { value, mean, stddev: spread === 0 ? 0 : distance / spread };
  });
}

function cellOf(row: Json, column: Json): Json {
  if (column === null) return row;
  if (Array.isArray(row)) return row[Number(column)] ?? null;
  return isObject(row) && Object.hasOwn(row, String(column)) ? (row[String(column)] ?? null) : row;
}
