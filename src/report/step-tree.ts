import type { RunDocument, StepDocument, StepRecord } from '../history/run-document.ts';

/** A step of a run with its nested steps. */
export interface StepNode {
  /** Last segment of the path. */
  name: string;
  /** Undefined if the step has not ended. */
  step: StepDocument | undefined;
  facts: StepRecord;
  /** Keyed by item index, or by undefined if the step has no items. */
  children: Map<number | undefined, StepNode[]>;
}

/** Position of a nested step: `hosts[2]/ping` belongs to item 2 of `hosts`. */
function placeOf(name: string): { parent: string | undefined; item: number | undefined; own: string } {
  const at = name.lastIndexOf('/');
  const [, parent, item] = name.slice(0, Math.max(0, at)).match(/^(.+?)(?:\[(\d+)\])?$/) ?? [];
  return { parent, item: item === undefined ? undefined : Number(item), own: name.slice(at + 1) };
}

/** The top-level steps of the run. */
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
