import { type Json, toJson } from '../../shared/json/json.ts';
import { invalidBody } from './alert-format.ts';

/** Deeper data would overflow the stack. */
const MOST_LEVELS = 100;

/** Foreign data as plain JSON without prototype keys. */
export function plainCopy(value: unknown): Json {
  if (fits(value, MOST_LEVELS)) return toJson(value);
  throw invalidBody(
    `The body is nested deeper than ${MOST_LEVELS} levels.`,
    'Send the alert as the monitoring system writes it.',
  );
}

const fits = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' || value === null || (levels > 0 && Object.values(value).every((item) => fits(item, levels - 1)));
