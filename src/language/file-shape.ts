import { otherNames } from '../keywords/index.ts';
import { type DataPath, isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import type { SchemaIssue } from '../shared/schema/check-schema.ts';
import type { Report } from './report.ts';
import { WorkflowSchema } from './schema.ts';
import { listAt } from './step-names.ts';
import { ProviderUseSchema, StepSchema, withKeys } from './step-schema.ts';

/** Locates the workflows in a file, and checks the keys around them. */

const LISTS = ['workflows', 'alerts'];
const WRAPPERS = ['workflow', 'alert'];
/** Keys that are read beside the wrapper. */
const BESIDE = ['actions', 'providers'];

/** The workflows of a file: under `workflow:` (or Keep's older `alert:`), in a list of `workflows:`, or the whole file. */
export function workflowsIn(data: Json): { workflow: JsonObject; path: DataPath }[] {
  if (!isObject(data)) return [];
  for (const wrapper of WRAPPERS) if (isObject(data[wrapper])) return [{ workflow: data[wrapper], path: [wrapper] }];
  for (const wrapper of LISTS) {
    if (Array.isArray(data[wrapper]))
      return data[wrapper].flatMap((workflow, index) => (isObject(workflow) ? [{ workflow, path: [wrapper, index] }] : []));
  }
  return [{ workflow: data, path: [] }];
}

/** Reports unread keys beside the wrapper, because Keep silently ignores wrongly indented steps. */
export function checkWrapper(data: Json, wrapper: string, at: Report['at']): void {
  for (const key of isObject(data) ? Object.keys(data) : []) {
    // YAML files keep their anchors under `x-` keys.
    if (key === wrapper || BESIDE.includes(key) || key.startsWith('x-')) continue;
    const belongs = Object.hasOwn(WorkflowSchema.properties, key);
    const message = belongs
      ? `\`${key}\` stands beside \`${wrapper}:\` and belongs into it`
      : `unknown key \`${key}\` beside \`${wrapper}:\``;
    const hint = belongs ? { hint: `Indent \`${key}\` so that it is part of \`${wrapper}:\`.` } : {};
    at([key], { code: 'unknown-key', message, ...hint }, 'key');
  }
}

/** Checks that each of several workflows is a map with a unique name. */
export function checkSiblings(data: Json, found: readonly { workflow: JsonObject; path: DataPath }[], at: Report['at']): void {
  const [wrapper] = found[0]?.path ?? [];
  const list = isObject(data) && typeof wrapper === 'string' ? data[wrapper] : undefined;
  for (const [index, workflow] of Array.isArray(list) ? list.entries() : [])
    if (!isObject(workflow)) at([String(wrapper), index], { code: 'wrong-type', message: 'a workflow is a map' });
  const ids = new Set<Json | undefined>();
  for (const { workflow, path } of found) {
    const { id } = workflow;
    if (typeof id === 'string' && ids.has(id))
      at([...path, 'id'], { code: 'duplicate-name', message: `there are two workflows called \`${id}\`` });
    ids.add(id);
  }
}

const BELONGS_TO_PROVIDER = new Set(Object.keys(ProviderUseSchema.properties));
const BELONGS_TO_STEP = new Set(Object.keys(StepSchema.properties));
const BELONGS_TO_WITH = new Set(Object.keys(withKeys));

/** Suggests the key for a name that other tools use. */
const MEANT: Readonly<Record<string, string>> = {
  ...otherNames,
  ...{ uses: 'provider', run: 'provider', action: 'provider' },
};

/** For a key that belongs one level further in or out, the right place helps more than a list of the keys here. */
export function withPlace(issue: SchemaIssue): SchemaIssue {
  const index = issue.path.findLastIndex((step) => typeof step === 'number');
  if (issue.code !== 'unknown-key' || index < 0) return issue;
  const inner = issue.path.slice(index + 1);
  const key = String(inner.at(-1));
  const meant = inner.length === 1 && Object.hasOwn(MEANT, key) ? MEANT[key] : undefined;
  if (meant !== undefined) return { ...issue, hint: `Did you mean \`${meant}\`?` };
  if (inner.length <= 2 && BELONGS_TO_WITH.has(key))
    return { ...issue, hint: `\`${key}\` belongs into \`with:\` of the provider.` };
  if (inner.length === 1 && BELONGS_TO_PROVIDER.has(key))
    return { ...issue, hint: `Indent \`${key}\` so that it is part of \`provider:\`.` };
  if (inner.length === 2 && inner[0] === 'provider' && BELONGS_TO_STEP.has(key)) {
    return { ...issue, hint: `\`${key}\` belongs to the step: put it beside \`provider:\`.` };
  }
  return issue;
}

export function warnOfNothing(workflow: JsonObject, path: DataPath, at: Report['at']): void {
  if (['steps', 'actions', 'finally'].some((key) => listAt(workflow, key).length > 0)) return;
  const key = ['steps', 'actions'].find((name) => workflow[name] !== undefined);
  const problem = { code: 'missing-key', message: 'the workflow has no steps: it does nothing', severity: 'warning' } as const;
  at(key === undefined ? path : [...path, key], problem, 'key');
}
