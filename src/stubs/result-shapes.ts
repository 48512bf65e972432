import { type Plan, type StepPlan, type TextReference, withCalledPlans } from '../plan/plan.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import { isPrototypeKey } from '../shared/json/json.ts';

type Keys = readonly (string | number)[];

/** Longer lists are not made up. */
const LONGEST_LIST = 100;

/** What is known of a piece of results: the keys that are read of it, or what is read of its items. */
class Shape {
  private readonly keys = new Map<string, Shape>();
  private item: Shape | undefined;
  private length = 0;
  /** What it is when nothing is read of it. */
  leaf: Json = '…';

  at([key, ...rest]: Keys): Shape {
    if (key === undefined) return this;
    const index = indexOf(key);
    if (index === undefined) return this.child(String(key)).at(rest);
    this.length = Math.max(this.length, Math.min(index + 1, LONGEST_LIST));
    return this.items().at(rest);
  }

  items(): Shape {
    this.item ??= new Shape();
    this.length = Math.max(this.length, 1);
    return this.item;
  }

  get isMap(): boolean {
    return this.item === undefined && this.keys.size > 0;
  }

  get value(): Json {
    if (this.item) return Array.from({ length: this.length }, () => this.item?.value ?? null);
    if (this.keys.size === 0) return this.leaf;
    const value: JsonObject = {};
    for (const [key, shape] of this.keys) if (!isPrototypeKey(key)) value[key] = shape.value;
    return value;
  }

  private child(key: string): Shape {
    const shape = this.keys.get(key) ?? new Shape();
    this.keys.set(key, shape);
    return shape;
  }
}

/** What stands for a value of which only its place is known. */
const LEAVES = { number: 0, section: [], time: '2026-01-01T00:00:00Z' };

/** Results for each step of a plan, and of those that it calls, by what is read of them; null where nothing is. */
export function guessResults(plan: Plan): (step: string) => Json {
  const shapes = [...withCalledPlans(plan)].map((one) => new ResultShapes(one));
  return (step) => shapes.map((one) => one.of(step)).find((guess) => guess !== undefined) ?? null;
}

const indexOf = (key: string | number | undefined): number | undefined =>
  key !== undefined && /^\d+$/.test(String(key)) ? Number(key) : undefined;

/** What the steps of a workflow would have to give, for the templates of the workflow to find what they read. */
export class ResultShapes {
  private readonly shapes = new Map<string, Shape>();
  private readonly steps = new Map<string, { plan: StepPlan; around: string | undefined }>();
  private readonly iterated: ReadonlySet<string>;
  private readonly references: readonly TextReference[];
  private readonly order: string[];

  constructor(plan: Plan) {
    this.references = plan.references;
    this.order = plan.providerPlaces.map(({ step }) => step).filter((step) => !step.includes('/'));
    const lists = plan.references.flatMap(({ step, wants }) => (wants === 'items' && step !== undefined ? [step] : []));
    this.iterated = new Set([...lists, ...plan.providerPlaces.flatMap(({ step, isIterated }) => (isIterated ? [step] : []))]);
    this.addSteps([...plan.steps, ...plan.finally], undefined);
    // Fields of items come last: they may be of something else than results, and what is read by name is sure.
    const isOfItem = ({ root }: TextReference) => root === 'item';
    for (const reference of plan.references.toSorted((one, other) => Number(isOfItem(one)) - Number(isOfItem(other)))) {
      const found = this.find(reference);
      if (reference.wants === 'items') found?.items();
      else if (found instanceof Shape && reference.wants) found.leaf = LEAVES[reference.wants];
    }
  }

  /** Undefined for a step whose results nothing reads. */
  of(step: string): Json | undefined {
    return this.shapes.get(step)?.value;
  }

  private addSteps(steps: readonly StepPlan[], around: string | undefined): void {
    for (const plan of steps) {
      this.steps.set(plan.name, { plan, around });
      for (const branch of plan.group?.branches ?? []) this.addSteps(branch, plan.name);
    }
  }

  /** The piece that a text reads, when it is one of a step's results. */
  private find({ root, path, step, wants, isOfIteration }: TextReference): { items(): Shape } | undefined {
    const [first, second, ...rest] = path;
    if (isOfIteration) return this.itemsAround(step, wants === 'items', path.slice(1));
    if (root === 'item') return this.itemsBefore(step)?.at(path);
    if (root === 'results' && step !== undefined) return this.shapeOf(step).at(path);
    if ((root !== 'steps' && root !== 'actions') || second !== 'results') return undefined;
    const name = first === 'this' ? this.before(step) : String(first);
    return name === undefined ? undefined : this.resultsAt(name, rest);
  }

  private before(step: string | undefined): string | undefined {
    return this.order[this.order.indexOf(step ?? '') - 1];
  }

  /** What a provider goes through that takes the results of the step before. */
  private itemsBefore(step: string | undefined): Shape | undefined {
    const name = this.before(step);
    if (name === undefined || this.shapes.get(name)?.isMap) return undefined;
    return this.shapeOf(name).items();
  }

  private resultsAt(name: string, keys: Keys): { items(): Shape } | undefined {
    const isIterated = this.iterated.has(name);
    if (isIterated && keys.length === 0) return { items: () => this.shapeOf(name) };
    const own = isIterated && indexOf(keys[0]) !== undefined ? keys.slice(1) : keys;
    if (!this.steps.get(name)?.plan.group) return this.shapeOf(name).at(own);
    const [inner, ...rest] = own;
    return inner === undefined ? undefined : this.resultsAt(String(inner), rest);
  }

  /** The item that a step runs for: the items of the nearest list around it. */
  private itemsAround(step: string | undefined, isList: boolean, keys: Keys): Shape | undefined {
    const start = isList ? this.steps.get(step ?? '')?.around : step;
    for (let name = start; name !== undefined; name = this.steps.get(name)?.around) {
      const lists = this.references.filter((one) => one.wants === 'items' && one.step === name);
      // Of paired lists, the item is a list itself: one of each.
      const index = lists.length > 1 ? indexOf(keys[0]) : 0;
      const list = lists[index ?? 0];
      if (list)
        return this.find(list)
          ?.items()
          .at(lists.length > 1 ? keys.slice(1) : keys);
    }
    return undefined;
  }

  private shapeOf(step: string): Shape {
    const shape = this.shapes.get(step) ?? new Shape();
    this.shapes.set(step, shape);
    return shape;
  }
}
