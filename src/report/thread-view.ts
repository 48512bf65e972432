import type { ThreadDocument, ThreadSummary } from '../history/thread-document.ts';
import { isObject, type Json } from '../shared/json/json.ts';
import { shorten } from '../shared/text/safe-text.ts';
import { amountText, costText, tokensText } from './figures.ts';
import { indented, type Line, linesOf, paint, type Style, span } from './line.ts';
import { meterText } from './run-list.ts';
import { type ListOptions, renderTable } from './table.ts';
import { agoText, localTime } from './times.ts';

const LONGEST_VALUE = 2000;
/** Label of an item without text, such as a picture or a file. */
const LONGEST_PART = 200;
const KEY = 1;

/** Lists a thread per line. */
export const renderThreadList = (threads: readonly ThreadSummary[], options: ListOptions): string =>
  renderTable(
    threads.map(({ id, key, scope, workflow, last_used_at, usage }) => [
      { text: id },
      { text: keyText(key, scope), style: 'bold' },
      { text: workflow },
      { text: agoText(last_used_at, options.nowMs), style: 'dim' },
      { text: meterText(usage), style: 'dim' },
    ]),
    {
      ...options,
      yielding: KEY,
      noteOf(index) {
        const pairs = Object.entries(threads[index]?.metadata ?? {}).map(([name, value]) => `${name}=${value}`);
        return pairs.length === 0 ? undefined : { text: pairs.join(' '), style: 'dim' };
      },
    },
  );

/** Shows the messages of a thread and the servers that hold it. */
export function renderThread(thread: ThreadDocument, { color, nowMs }: ListOptions): string {
  const lines = [...headLines(thread, nowMs), ...thread.items.flatMap((item) => [[], ...itemLines(item)])];
  return lines.map((line) => `${paint(line, { color }).trimEnd()}\n`).join('');
}

function headLines({ id, key, scope, workflow, metadata, ...rest }: ThreadDocument, nowMs: number): Line[] {
  const { usage, copies, items, ...times } = rest;
  const expires = times.expires_at === null ? '' : `  its key ends ${localTime(times.expires_at)}`;
  const pairs = Object.entries(metadata).map(([name, value]) => `${name}=${value}`);
  const metered =
    usage.total_tokens !== 0 ? [[span(`${tokensText(usage.total_tokens)}  ${costText(usage.cost_usd)}`, 'dim')]] : [];
  const used: Line = [
    span(`begun ${localTime(times.created_at)}  last used ${agoText(times.last_used_at, nowMs)}${expires}`, 'dim'),
  ];
  const rows: Line[] = [
    used,
    ...(pairs.length === 0 ? [] : [[span(pairs.join(' '))]]),
    ...metered,
    ...copies.map(
      (copy): Line => [span(`at ${copy.place}: `, 'dim'), span(copy.id), span(`  ${knownText(copy.items, items.length)}`, 'dim')],
    ),
  ];
  return [
    [span(id, 'bold'), span(key === null ? '' : `  ${keyText(key, scope)}`), span(`  ${workflow}`, 'dim')],
    ...rows.map(indented),
  ];
}

const keyText = (key: string | null, scope: ThreadSummary['scope']): string =>
  scope === 'shared' ? `${key} (shared)` : (key ?? '');

const knownText = (known: number, all: number): string => (known >= all ? 'all of it' : `${known} of ${amountText(all, 'item')}`);

const ROLE_STYLES: Record<string, Style> = { user: 'cyan', assistant: 'green' };

function itemLines(item: ThreadDocument['items'][number]): Line[] {
  const time = span(`${localTime(item.at)}  `, 'dim');
  switch (item.type) {
    case 'message': {
      const role = String(item.role ?? '');
      const run = typeof item.runId === 'string' ? [span(`  ${item.runId}`, 'dim')] : [];
      const parts = Array.isArray(item.parts) ? item.parts : [];
      return [[time, span(role, ROLE_STYLES[role]), ...run], ...parts.flatMap(partLines).map(indented)];
    }
    case 'tool_call':
      return [[time, span(`→ ${String(item.name)}(${shorten(String(item.arguments), LONGEST_VALUE)})`, 'cyan')]];
    case 'tool_output':
      return [[time, span(`← ${shorten(String(item.output), LONGEST_VALUE)}`, 'cyan')]];
    default:
      return [[time, span(`kept for ${String(item.origin ?? item.wire ?? 'its server')}`, 'dim')]];
  }
}

function partLines(part: Json): Line[] {
  if (!isObject(part)) return [];
  if (part.type === 'text') return linesOf(String(part.text));
  const { type, ...rest } = part;
  return [[span(`[${String(type)}] `, 'dim'), span(shorten(JSON.stringify(rest), LONGEST_PART))]];
}
