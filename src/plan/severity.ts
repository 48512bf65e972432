import type { Json } from '../shared/json/json.ts';
import { isNumber } from '../shared/json/number.ts';

/** Most severe first, as expressions rank them. */
export const ALERT_SEVERITIES = ['critical', 'high', 'warning', 'info', 'low'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** The words of senders for each severity, compared without case, spaces and punctuation. `P1` and `SEV-1` are read apart. */
export const SEVERITY_WORDS: Record<AlertSeverity, string[]> = {
  critical: [
    ...['critical', 'crit', 'fatal', 'emergency', 'emerg', 'panic', 'alert', 'disaster', 'extreme', 'urgent'],
    ...['highest', 'blocker', 'page'],
  ],
  high: ['high', 'error', 'err', 'major', 'severe', 'serious', 'important'],
  warning: ['warning', 'warn', 'medium', 'moderate', 'average', 'minor', 'caution', 'rewarn'],
  info: ['info', 'information', 'informational', 'notice', 'success', 'ok', 'clear', 'cleared', 'none'],
  low: ['low', 'lowest', 'debug', 'trace', 'verbose', 'trivial'],
};

/** What one sender means by its numbers and by names of its own; in lower case, without spaces and punctuation. */
export type SeverityOrder = ReadonlyMap<string, AlertSeverity>;

/** P0 to P5, SEV0 to SEV5: where the lowest number is the worst. */
export const PRIORITIES: SeverityOrder = new Map([
  ['0', 'critical'],
  ['1', 'critical'],
  ['2', 'high'],
  ['3', 'warning'],
  ['4', 'info'],
  ['5', 'low'],
]);

const NO_ORDER: SeverityOrder = new Map();
const WORDS: SeverityOrder = new Map(
  ALERT_SEVERITIES.flatMap((severity) => SEVERITY_WORDS[severity].map((word) => [word, severity] as const)),
);
/** What stands before a number, or beside a word, without changing its meaning. */
const PREFIXES = 'severity|sev|priority|prio|s|p';
const FILLERS = new Set(['severity', 'sev', 'priority', 'prio', 'level', 'alert', 'incident']);
const LONGEST_SEVERITY = 60;

/**
 * The severity that a sender's text means; undefined if it is not known. In `P1 - Critical` the word counts, for it says what
 * the number only places. Two words that differ are not known.
 */
export function severityOf(text: string, order: SeverityOrder = NO_ORDER): AlertSeverity | undefined {
  if (text.length > LONGEST_SEVERITY) return undefined;
  const lower = text.trim().toLowerCase();
  if (/^\d+$/.test(lower)) return order.get(lower);
  const word = lower.replace(/[^a-z0-9]/g, '');
  if (!/[a-z]/.test(word)) return undefined;
  return order.get(word) ?? WORDS.get(word) ?? severityOfParts(lower);
}

const CODE = new RegExp(`\\b(?:${PREFIXES})[^a-z0-9]*([0-9])\\b`, 'g');
const NUMBER = /^\d$/;

function severityOfParts(lower: string): AlertSeverity | undefined {
  const parts = lower
    .replace(CODE, ' p$1 ')
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '' && !FILLERS.has(part));
  const found = (known: SeverityOrder) => parts.flatMap((part) => known.get(part) ?? []);
  const [words, codes] = [found(WORDS), found(PRIORITIES_BY_CODE)];
  // A number alone, as in `1 - Critical`, says nothing beside a word; beside a code it is another one.
  const isKnown = (part: string) => WORDS.has(part) || PRIORITIES_BY_CODE.has(part) || (words.length > 0 && NUMBER.test(part));
  const telling = words.length > 0 ? words : codes;
  return parts.every(isKnown) && new Set(telling).size === 1 ? telling[0] : undefined;
}

const PRIORITIES_BY_CODE: SeverityOrder = new Map([...PRIORITIES].map(([number, severity]) => [`p${number}`, severity]));

/** P0 and SEV0 are worse than P1, although both are critical. */
const WORST = new RegExp(`^\\W*(?:${PREFIXES})\\W*0\\b`, 'i');

/** Ranks of texts that were asked for: a thousand triggers compare the severity of one alert. */
const RANKS = new Map<string, number>();
const MOST_RANKS = 1000;

/** Counts from 0 for `low`; -1 if the value is not a known severity. */
export function severityRank(value: Json): number {
  if (typeof value !== 'string' || value.length > LONGEST_SEVERITY) return -1;
  const known = RANKS.get(value);
  if (known !== undefined) return known;
  const rank = rankOf(value);
  // Texts come from outside: what is kept of them has an end.
  if (RANKS.size >= MOST_RANKS) RANKS.clear();
  RANKS.set(value, rank);
  return rank;
}

function rankOf(text: string): number {
  const severity = severityOf(text);
  if (severity === undefined) return -1;
  const rank = ALERT_SEVERITIES.length - 1 - ALERT_SEVERITIES.indexOf(severity);
  return severity === 'critical' && WORST.test(text) ? rank + 0.5 : rank;
}

/** How an alert is ordered whose severity is not known, unless the settings say something else: a person decides then. */
export const UNKNOWN_SEVERITY: AlertSeverity = 'high';

/** True of a text or a number that no table knows as a severity; a missing one is not unknown. */
export const isUnknownSeverity = (severity: Json | undefined): boolean =>
  (isNumber(severity) || (typeof severity === 'string' && severity.trim() !== '')) && severityRank(severity) < 0;
