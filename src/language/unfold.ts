import { defaultsFor } from '../keywords/index.ts';
import { type DataPath, isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { ParsedFile } from './parse.ts';

interface Origin {
  file: ParsedFile;
  path: DataPath;
}

/** A reusable action, with its place in the file. */
export type ReusableActions = ReadonlyMap<string, Origin & { action: JsonObject }>;

const STEP_LISTS = ['steps', 'actions', 'finally', 'parallel', 'else', 'default'] as const;

/** Actions from `actions:` beside `workflow:`, or from a file of actions. The later file wins. */
export function reusableActions(files: readonly Origin[]): ReusableActions {
  const found = new Map<string, Origin & { action: JsonObject }>();
  for (const { file, path } of files) {
    const list = valueAt(file.data, path);
    for (const [index, action] of (Array.isArray(list) ? list : []).entries()) {
      if (!isObject(action)) continue;
      const { use, ...rest } = action;
      const name = use ?? action.name;
      if (typeof name === 'string') found.set(name, { file, path: [...path, index], action: rest });
    }
  }
  return found;
}

/** A file in which reusable actions and defaults are filled in. */
export interface Unfolded {
  parsed: ParsedFile;
  /** Names of more than one step. */
  twice: ReadonlySet<string>;
  /** Text of each action that the file uses from other files, by file and name. */
  actions: Readonly<Record<string, string>>;
}

/** Fills in `use` and `defaults`; diagnostics still lead to the place where each part is written. */
export function unfold(parsed: ParsedFile, path: DataPath, reusable: ReusableActions): Unfolded {
  return new Unfolding(parsed, reusable).whole(path);
}

export const valueAt = (data: Json, path: DataPath): Json =>
  path.reduce<Json>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)] ?? null;
    return isObject(value) && Object.hasOwn(value, String(key)) ? (value[String(key)] ?? null) : null;
  }, data);

class Unfolding {
  private readonly parsed: ParsedFile;
  private readonly reusable: ReusableActions;
  private readonly origins = new Map<string, Origin>();
  private readonly problems: Diagnostic[] = [];
  private readonly names = new Set<string>();
  private readonly twice = new Set<string>();
  private readonly actions: Record<string, string> = {};

  constructor(parsed: ParsedFile, reusable: ReusableActions) {
    this.parsed = parsed;
    this.reusable = reusable;
  }

  whole(path: DataPath): Unfolded {
    const workflow = valueAt(this.parsed.data, path);
    if (!isObject(workflow)) return { parsed: this.parsed, twice: this.twice, actions: this.actions };
    const defaults = isObject(workflow.defaults) ? workflow.defaults : {};
    const unfolded = this.lists(this.withoutEmptyWrapper(workflow, path), path, { defaults, path: [...path, 'defaults'] }, []);
    const handler = workflow['on-failure'];
    if (isObject(handler)) {
      const at = [...path, 'on-failure'];
      unfolded['on-failure'] = this.lists(this.step(handler, at, undefined, []), at, undefined, usedBy(handler, []));
    }
    return { parsed: this.view(replaceAt(this.parsed.data, path, unfolded)), twice: this.twice, actions: this.actions };
  }

  /** Like Keep, accepts an empty `workflow:` whose keys are not indented below it. */
  private withoutEmptyWrapper(workflow: JsonObject, path: DataPath): JsonObject {
    const { workflow: wrapper, ...keys } = workflow;
    if (path.length > 0 || wrapper !== null || keys.id === undefined) return workflow;
    const message = '`workflow:` is empty, and its keys are beside it instead of inside';
    const place = this.parsed.locate(['workflow'], 'key');
    this.problems.push({
      severity: 'warning',
      code: 'unknown-key',
      message,
      hint: 'Indent them, or take `workflow:` out.',
      place,
    });
    return keys;
  }

  /** `used` holds the enclosing reusable actions. */
  private lists(holder: JsonObject, path: DataPath, defaults: Defaults | undefined, used: readonly string[]): JsonObject {
    const result = { ...holder };
    for (const key of STEP_LISTS) {
      const list = holder[key];
      if (Array.isArray(list)) result[key] = this.list(list, [...path, key], defaults, used);
    }
    const { cases } = holder;
    if (!isObject(cases)) return result;
    const entries = Object.entries(cases).map(([name, list]): [string, Json] => {
      return [name, Array.isArray(list) ? this.list(list, [...path, 'cases', name], defaults, used) : list];
    });
    return { ...result, cases: Object.fromEntries(entries) };
  }

  private list(list: Json[], path: DataPath, defaults: Defaults | undefined, used: readonly string[]): Json[] {
    return list.map((step, index) => {
      const at = [...path, index];
      return isObject(step) ? this.lists(this.step(step, at, defaults, used), at, defaults, usedBy(step, used)) : step;
    });
  }

  private step(step: JsonObject, path: DataPath, defaults: Defaults | undefined, used: readonly string[]): JsonObject {
    const whole = this.named(this.moved(this.used(step, path, used), path), path);
    return defaults === undefined ? whole : this.defaulted(whole, path, defaults);
  }

  private used(step: JsonObject, path: DataPath, around: readonly string[]): JsonObject {
    if (typeof step.use !== 'string') return step;
    const { use, ...own } = step;
    const base = this.reusable.get(use);
    if (base && !around.includes(use)) {
      if (base.file !== this.parsed) this.actions[`${base.file.file}: ${use}`] = JSON.stringify(base.action, null, 2);
      return this.merge(own, base.action, path, base);
    }
    const hint =
      didYouMean(use, this.reusable.keys()) ??
      'Reusable actions stand in `actions:` beside `workflow:`, or in a file of actions.';
    const problem = base
      ? { code: 'invalid-value' as const, message: `reusable action \`${use}\` uses itself` }
      : { code: 'unknown-name' as const, message: `there is no reusable action \`${use}\``, hint };
    const { file, path: written } = this.originOf([...path, 'use']);
    this.problems.push({ severity: 'error', ...problem, place: file.locate(written) });
    return own;
  }

  /** Keep's older forms: `id` for `name`, and `on-failure` inside `provider`. */
  private moved(step: JsonObject, path: DataPath): JsonObject {
    let result = step;
    if (step.name === undefined && typeof step.id === 'string') {
      result = { ...result, name: step.id };
      this.origins.set(key([...path, 'name']), this.originOf([...path, 'id']));
    }
    const { provider } = step;
    if (!isObject(provider) || provider['on-failure'] === undefined || step['on-failure'] !== undefined) return result;
    const { 'on-failure': handler = null, ...rest } = provider;
    this.origins.set(key([...path, 'on-failure']), this.originOf([...path, 'provider', 'on-failure']));
    return { ...result, provider: rest, 'on-failure': handler };
  }

  /** Keep runs two steps with the same name; here the second is renamed, and templates cannot read either by the shared name. */
  private named(step: JsonObject, path: DataPath): JsonObject {
    const { name } = step;
    if (typeof name !== 'string') return step;
    let unique = name;
    for (let number = 2; this.names.has(unique); number++) unique = `${name}-${number}`;
    this.names.add(unique);
    if (unique === name) return step;
    this.twice.add(name);
    const message = `there are two steps called \`${name}\``;
    const hint = `This one is \`${unique}\` in reports.`;
    const place = this.parsed.locate([...path, 'name']);
    this.problems.push({ severity: 'warning', code: 'duplicate-name', message, hint, place });
    return { ...step, name: unique };
  }

  private defaulted(step: JsonObject, path: DataPath, { defaults, path: from }: Defaults): JsonObject {
    const { providers, ...keywords } = defaults;
    if (!isObject(step.provider)) return step;
    const merged = this.merge(step, shallow(defaultsFor(step, keywords), step), path, { file: this.parsed, path: from });
    const { type } = step.provider;
    const use = isObject(providers) && typeof type === 'string' && Object.hasOwn(providers, type) ? providers[type] : undefined;
    if (!isObject(use)) return merged;
    const at = { file: this.parsed, path: [...from, 'providers', String(type)] };
    return { ...merged, provider: this.merge(step.provider, use, [...path, 'provider'], at) };
  }

  /** Keys of the step win; as in Keep, maps are merged, and lists by index. */
  private merge(own: JsonObject, base: JsonObject, path: DataPath, origin: Origin): JsonObject {
    const result: JsonObject = { ...own };
    for (const [name, value] of Object.entries(base)) {
      const [at, from] = [[...path, name], { ...origin, path: [...origin.path, name] }];
      const mine = own[name];
      if (mine === undefined) {
        result[name] = value;
        this.origins.set(key(at), from);
      } else result[name] = this.mergeValue(mine, value, at, from);
    }
    return result;
  }

  private mergeValue(own: Json, base: Json, path: DataPath, origin: Origin): Json {
    if (isObject(own) && isObject(base)) return this.merge(own, base, path, origin);
    if (!Array.isArray(own) || !Array.isArray(base)) return own;
    const longest = Math.max(own.length, base.length);
    return Array.from({ length: longest }, (_, index) => {
      const [at, from] = [[...path, index], { ...origin, path: [...origin.path, index] }];
      if (index < own.length && index < base.length) return this.mergeValue(own[index] ?? null, base[index] ?? null, at, from);
      if (index < own.length) return own[index] ?? null;
      this.origins.set(key(at), from);
      return base[index] ?? null;
    });
  }

  private originOf(path: DataPath): Origin {
    for (let length = path.length; this.origins.size > 0 && length > 0; length--) {
      const origin = this.origins.get(key(path.slice(0, length)));
      if (origin) return { file: origin.file, path: [...origin.path, ...path.slice(length)] };
    }
    return { file: this.parsed, path };
  }

  private view(data: Json): ParsedFile {
    return {
      ...this.parsed,
      data,
      problems: [...this.parsed.problems, ...this.problems],
      locate: (path, part) => {
        const origin = this.originOf(path);
        return origin.file.locate(origin.path, part);
      },
      locateInside: (path, offset, length) => {
        const origin = this.originOf(path);
        return origin.file.locateInside(origin.path, offset, length);
      },
    };
  }
}

interface Defaults {
  defaults: JsonObject;
  path: DataPath;
}

const key = (path: DataPath): string => JSON.stringify(path);

const usedBy = ({ use }: JsonObject, around: readonly string[]): readonly string[] =>
  typeof use === 'string' ? [...around, use] : around;

/** A step's value replaces the whole default: two halves of a `retry` do not make a valid one. */
const shallow = (base: JsonObject, own: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(base).filter(([name]) => own[name] === undefined));

function replaceAt(data: Json, path: DataPath, value: Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (Array.isArray(data)) return data.map((item, index) => (index === first ? replaceAt(item, rest, value) : item));
  return isObject(data) ? { ...data, [first]: replaceAt(data[String(first)] ?? null, rest, value) } : data;
}
