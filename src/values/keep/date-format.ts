import { type Moment, momentOfParts } from '../../shared/time/moment.ts';
import { expressionFailed } from '../core/kinds.ts';

/** Python's directives for parsing dates, as patterns. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  Y: String.raw`(?<year>\d{4})`,
  y: String.raw`(?<shortYear>\d{2})`,
  m: String.raw`(?<month>\d{1,2})`,
  d: String.raw`(?<day>\d{1,2})`,
  H: String.raw`(?<hour>\d{1,2})`,
  I: String.raw`(?<hour>\d{1,2})`,
  M: String.raw`(?<minute>\d{1,2})`,
  S: String.raw`(?<second>\d{1,2})`,
  f: String.raw`(?<fraction>\d{1,9})`,
  p: '(?<meridiem>[AaPp][Mm])',
  z: String.raw`(?<zone>Z|[+-]\d{2}:?\d{2})`,
  Z: '(?:UTC|GMT|Z)?',
  b: '(?<monthName>[A-Za-z]{3})',
  B: '(?<monthName>[A-Za-z]{3,9})',
  a: '[A-Za-z]{3}',
  A: '[A-Za-z]{6,9}',
  '%': '%',
};

const LONGEST_FORMAT = 100;
const PART = /%(.)|(\s+)|([^%\s]+)/gsu;
const SPECIAL = /[$()*+.?[\\\]^{|}]/g;

/** The pattern of a date format; everything except directives is literal. */
function patternOf(format: string): RegExp {
  if (format.length > LONGEST_FORMAT) throw expressionFailed(`A date format may have ${LONGEST_FORMAT} characters at most.`);
  const seen = new Set<string>();
  const pattern = format.replace(PART, (_, directive?: string, space?: string, text = '') => {
    if (directive !== undefined) return directivePattern(directive, seen);
    return space === undefined ? text.replace(SPECIAL, String.raw`\$&`) : String.raw`\s+`;
  });
  return new RegExp(`^${pattern}$`, 'i');
}

function directivePattern(directive: string, seen: Set<string>): string {
  const pattern = Object.hasOwn(DIRECTIVES, directive) ? DIRECTIVES[directive] : undefined;
  const part = pattern === undefined ? undefined : (/^\(\?<(\w+)>/.exec(pattern)?.[1] ?? `%${directive}`);
  if (pattern === undefined || part === undefined || (part !== '%%' && seen.has(part))) {
    const known = Object.keys(DIRECTIVES).map((name) => `%${name}`);
    const wrong = pattern === undefined ? 'means nothing in a date format' : 'names a part of the date for the second time';
    throw expressionFailed(`\`%${directive}\` ${wrong}.`, `There are: ${known.join(' ')}.`);
  }
  seen.add(part);
  return pattern;
}

/** Parses a date in Python's format; undefined if the text does not match. */
export function momentInFormat(text: string, format: string): Moment | undefined {
  const found = patternOf(format).exec(text.trim());
  return found ? momentOfParts(found.groups ?? {}) : undefined;
}
