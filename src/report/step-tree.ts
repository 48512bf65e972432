import type { RunDocument, StepDocument, StepFacts } from '../history/run-document.ts';

/** A step of a run with what ran within it. */
export interface StepNode {
  /** Its own, without those that it stands within. */
  name: string;
  /** Undefined for one that has not ended. */
  step: StepDocument | undefined;
  facts: StepFacts;
  /** By the index of the item that they ran for; undefined where there are no items. */
  children: Map<number | undefined, StepNode[]>;
}

/** Where a step stands: `hosts[2]/ping` within the item 2 of `hosts`. */
function placeOf(name: string): { parent: string | undefined; item: number | undefined; own: string } {
  const at = name.lastIndexOf('/');
  const [, parent, item] = name.slice(0, Math.max(0, at)).match(/^(.+?)(?:\[(\d+)\])?$/) ?? [];
  return { parent, item: item === undefined ? undefined : Number(item), own: name.slice(at + 1) };
}

/** The steps of the run that stand within no other one. */
export function treeOf({ steps, under_way }: Pick<RunDocument, 'steps' | 'under_way'>): StepNode[] {
  const nodes = new Map<string, StepNode>();
  const known = [
    ...Object.entries(steps).map(([name, step]) => ({ name, step, facts: step })),
    ...Object.entries(under_way).map(([name, facts]) => ({ name, step: undefined, facts })),
  ];
  for (const { name, step, facts } of known) nodes.set(name, { name: placeOf(name).own, step, facts, children: new Map() });
  const roots: StepNode[] = [];
  for (const [name, node] of nodes) {
    const { parent, item } = placeOf(name);
    const children = parent === undefined ? undefined : nodes.get(parent)?.children;
    if (!children) roots.push(node);
    else children.set(item, [...(children.get(item) ?? []), node]);
  }
  return roots;
}
