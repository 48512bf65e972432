import { Type } from '../schema/schema.ts';

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const PATTERN = '^(\\d+(\\.\\d+)?(ms|s|m|h|d|w))+$';

/** A length of time in YAML: `500ms`, `30s`, `1h30m`, or a number of seconds. */
export const Duration = (description: string) =>
  Type.Union([Type.Number({ minimum: 0 }), Type.String({ pattern: PATTERN, examples: ['30s', '2m', '1h30m'] })], {
    description: `${description} \`500ms\`, \`30s\`, \`1h30m\`, or a number of seconds.`,
  });

/** Parses a duration into milliseconds; undefined if the text is not a valid duration. */
export function durationMs(value: string | number): number | undefined {
  if (typeof value === 'number') return value >= 0 ? value * 1000 : undefined;
  if (!new RegExp(PATTERN).test(value)) return undefined;
  let total = 0;
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g))
    total += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  return total;
}
