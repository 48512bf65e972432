import type { Diagnostic, Place } from '../language/diagnostic.ts';
import type { ParsedFile } from '../language/parse.ts';
import { reportOn } from '../language/report.ts';
import type { ConfigUse } from '../language/step-context.ts';
import type { Provider } from '../provider/contract.ts';
import {
  credentialsIn,
  credentialsInVariable,
  credentialsOfEnvironment,
  missingHint,
  needsNone,
} from '../provider/credentials.ts';
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
    const whole = { ...credentialsOfEnvironment(provider, environment), ...credentials, ...fromVariable.found };
    const found = checkEntry(file, at, credentials, provider);
    // The workflow adds what its own `providers:` has.
    return found.length > 0 || use.isOwn ? found : checkWhole(use, provider, whole, file.locate(at, 'key'));
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

/** What is written, without what is missing: other sources may have it. */
function checkEntry(file: ParsedFile, path: DataPath, credentials: JsonObject, provider: Provider): Diagnostic[] {
  const report = reportOn({ ...file, problems: [] });
  const issues = checkSchema(provider.config, credentials);
  report.issues(
    path,
    issues.filter(({ code }) => code !== 'missing-key'),
  );
  return report.diagnostics;
}

/** What is missing of all sources together; a warning, since the run may have others. */
function checkWhole(use: ConfigUse, provider: Provider, whole: JsonObject, place: Place): Diagnostic[] {
  const missing = checkSchema(provider.config, whole).map(
    ({ message }): Diagnostic => ({ severity: 'warning', code: 'missing-key', message, place }),
  );
  if (missing.length > 0 || !provider.checkConfig) return missing;
  try {
    provider.checkConfig(whole, use.params);
    return [];
  } catch (thrown) {
    const { code, message, hint } = toThreadlineError(thrown);
    const said = { message: message.replace(/\.$/, ''), ...(hint === undefined ? {} : { hint }) };
    const kind = code === 'missing_credentials' ? 'missing-key' : 'invalid-value';
    return [{ severity: 'warning', code: kind, ...said, place: use.place }];
  }
}
