import type { Diagnostic, Place } from '../language/diagnostic.ts';
import type { ParsedFile } from '../language/parse.ts';
import { reportOn } from '../language/report.ts';
import type { ConfigUse } from '../language/step-context.ts';
import type { Provider } from '../provider/contract.ts';
import { credentialsIn, credentialsInVariable, missingHint, needsNone } from '../provider/credentials.ts';
import { toThreadlineError } from '../shared/errors/errors.ts';
import { type DataPath, isObject, type JsonObject } from '../shared/json/json.ts';
import { checkSchema } from '../shared/schema/check-schema.ts';
import type { SchemaNode } from '../shared/schema/schema.ts';

/** Sources of configurations outside of workflows. */
export interface Configurations {
  /** `providers.yaml`. */
  file: ParsedFile | undefined;
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Checks what calls use of these sources. A configuration that is not there is a warning: it may be where the workflow runs.
 * Diagnostics of `providers.yaml` quote none of its lines, which hold secrets.
 */
export function checkConfigurations(
  uses: readonly ConfigUse[],
  providers: ReadonlyMap<string, Provider>,
  sources: Configurations,
): Diagnostic[] {
  return uses.flatMap((use) => {
    const provider = providers.get(use.provider);
    return provider ? checkUse(use, provider, sources) : [];
  });
}

function checkUse(use: ConfigUse, provider: Provider, { file, environment }: Configurations): Diagnostic[] {
  const { path, entries } = entriesOf(file);
  const names = use.name === undefined ? [`default-${use.provider}`, use.provider] : [use.name];
  const name = names.find((one) => credentialsIn(entries[one]));
  const fromVariable = variableFor(names, environment, use.place);
  if ('problem' in fromVariable) return [fromVariable.problem];
  if (file && name !== undefined) {
    const credentials = credentialsIn(entries[name]) ?? {};
    const at = [...path, name, ...(credentials === entries[name] ? [] : ['authentication'])];
    const offered = [...Object.keys(fromVariable.found ?? {}), ...offeredKeys(provider, environment)];
    return checkEntry(file, at, credentials, provider, use.isOwn ? undefined : offered);
  }
  const isMissing = use.name !== undefined && !use.isOwn && !fromVariable.found;
  if (!isMissing || needsNone(use.name ?? '', use.provider, provider.config as SchemaNode)) return [];
  const message = `there is no provider configuration called \`${use.name}\`: a run needs it, but for one with \`--offline\``;
  const hint = missingHint(use.name ?? '', Object.keys(entries));
  return [{ severity: 'warning', code: 'unknown-name', message, hint, place: use.place }];
}

/** The configurations of `providers.yaml`, at its top or under `providers`. */
function entriesOf(file: ParsedFile | undefined): { path: DataPath; entries: JsonObject } {
  const data = isObject(file?.data) ? file.data : {};
  return isObject(data.providers) ? { path: ['providers'], entries: data.providers } : { path: [], entries: data };
}

function variableFor(
  names: readonly string[],
  environment: Configurations['environment'],
  place: Place,
): { found: JsonObject | undefined } | { problem: Diagnostic } {
  try {
    return { found: names.map((name) => credentialsInVariable(name, environment)).find((found) => found !== undefined) };
  } catch (thrown) {
    const message = toThreadlineError(thrown, 'invalid_config').message.replace(/\.$/, '');
    return { problem: { severity: 'error', code: 'invalid-value', message, place } };
  }
}

const offeredKeys = ({ environment: offers = {} }: Provider, environment: Configurations['environment']): string[] =>
  Object.entries(offers).flatMap(([key, variables]) => ([variables].flat().some((name) => environment[name]) ? [key] : []));

/** `offered`: keys that come from elsewhere; undefined where any may. */
function checkEntry(
  file: ParsedFile,
  path: DataPath,
  credentials: JsonObject,
  provider: Provider,
  offered: readonly string[] | undefined,
): Diagnostic[] {
  const report = reportOn({ ...file, problems: [] });
  const isTemplate = (value: unknown) => typeof value === 'string' && value.includes('{{');
  const issues = checkSchema(provider.config, credentials, { isOpen: isTemplate });
  const isThere = (message: string) => offered === undefined || offered.some((key) => message.startsWith(`\`${key}\``));
  for (const issue of issues) {
    if (issue.code !== 'missing-key') report.issues(path, [issue]);
    else if (!isThere(issue.message)) report.at([...path, ...issue.path], { ...issue, severity: 'warning' }, 'key');
  }
  return report.diagnostics;
}
