import type { Finding } from 'threadline/provider';
import type { Prepared } from './prepare.ts';

/** Groups by key, in the order in which each key comes first. */
export function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, [Item, ...Item[]]> {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** The finding, with the names of the steps that it is about. */
export function about(subjects: readonly { prepared: Prepared }[], finding: Finding): Finding {
  const steps = [...new Set(subjects.flatMap(({ prepared }) => prepared.subject.step ?? []))];
  return steps.length === 0 ? finding : { ...finding, steps };
}

/** Makes one finding of those that differ in their steps only. */
export function merged(findings: readonly Finding[]): Finding[] {
  const groups = groupedBy(findings, ({ steps: _, ...rest }) => JSON.stringify(rest));
  return [...groups.values()].map((group) => {
    const steps = [...new Set(group.flatMap((finding) => finding.steps ?? []))];
    return steps.length === 0 ? group[0] : { ...group[0], steps };
  });
}
