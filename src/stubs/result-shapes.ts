import { type Plan, type StepPlan, type TextReference, withCalledPlans } from '../plan/plan.ts';
import type { DataPath, Json, JsonObject } from '../shared/json/json.ts';
import { isPrototypeKey } from '../shared/json/json.ts';

/** Longer lists are not inferred. */
const LONGEST_LIST = 100;

/** Inferred shape of a value: the keys that templates read, or the shape of its items. */
class Shape {
  private readonly keys = new Map<string, Shape>();
  private item: Shape | undefined;
  private length = 0;
  /** Value if templates read no part of it. */
  leaf: Json = '…';

  at([key, ...rest]: DataPath): Shape {
    if (key === undefined) return this;
    if (key === 'length' && rest.length === 0) return this.counted();
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

  /** A list whose `length` is read; the length itself has no shape. */
  private counted(): Shape {
    this.items();
    return new Shape();
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

/** Values for positions that require a kind. */
const LEAVES = { number: 0, section: [], time: '2026-01-01T00:00:00Z' };

/** Infers results for the steps of a plan and of called plans from what templates read; null if nothing is read. */
export function guessResults(plan: Plan): (step: string) => Json {
  const shapes = [...withCalledPlans(plan)].map((called) => new ResultShapes(called));
  return (step) => shapes.map((one) => one.of(step)).find((guess) => guess !== undefined) ?? null;
}

const indexOf = (key: string | number | undefined): number | undefined =>
  key !== undefined && /^\d+$/.test(String(key)) ? Number(key) : undefined;

/** Infers the results that steps must return for the workflow's templates to find the values that they read. */
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
    // Fields of items come last, because the items may come from elsewhere; references by name are certain.
    const isOfItem = ({ root }: TextReference) => root === 'item';
    for (const reference of plan.references.toSorted((one, other) => Number(isOfItem(one)) - Number(isOfItem(other)))) {
      const found = this.find(reference);
      if (reference.wants === 'items') found?.items();
      else if (found instanceof Shape && reference.wants) found.leaf = LEAVES[reference.wants];
    }
  }

  /** Undefined if no template reads the step's results. */
  of(step: string): Json | undefined {
    return this.shapes.get(step)?.value;
  }

  private addSteps(steps: readonly StepPlan[], around: string | undefined): void {
    for (const plan of steps) {
      this.steps.set(plan.name, { plan, around });
      for (const branch of plan.group?.branches ?? []) this.addSteps(branch, plan.name);
    }
  }

  /** The shape that a reference reads, if it reads results. */
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

  /** Items of the previous step's results, which some providers take as input. */
  private itemsBefore(step: string | undefined): Shape | undefined {
    const name = this.before(step);
    if (name === undefined || this.shapes.get(name)?.isMap) return undefined;
    return this.shapeOf(name).items();
  }

  private resultsAt(name: string, keys: DataPath): { items(): Shape } | undefined {
    const isIterated = this.iterated.has(name);
    if (isIterated && keys.length === 0) return { items: () => this.shapeOf(name) };
    const own = isIterated && indexOf(keys[0]) !== undefined ? keys.slice(1) : keys;
    if (!this.steps.get(name)?.plan.group) return this.shapeOf(name).at(own);
    const [inner, ...rest] = own;
    return inner === undefined ? undefined : this.resultsAt(String(inner), rest);
  }

  /** Shape of the step's current item: an item of the nearest enclosing list. */
  private itemsAround(step: string | undefined, isList: boolean, keys: DataPath): Shape | undefined {
    const start = isList ? this.steps.get(step ?? '')?.around : step;
    for (let name = start; name !== undefined; name = this.steps.get(name)?.around) {
      const lists = this.references.filter((one) => one.wants === 'items' && one.step === name);
      // An item of paired lists is a list with an item of each.
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
