import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json, type JsonObject, toJson } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/parse-json.ts';
import { checkSchema } from '../shared/schema/check-schema.ts';
import type { SchemaNode } from '../shared/schema/schema.ts';
import { wideNumbersAsText } from '../shared/schema/wide-numbers.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import type { Provider } from './contract.ts';

/** Where credentials come from. A later source wins, key by key where both have the name. */
export interface CredentialSources {
  /** `providers.yaml` of the working folder, rendered. */
  file: JsonObject;
  /** `providers:` of the workflow, rendered. */
  workflow: JsonObject;
  environment: Readonly<Record<string, string | undefined>>;
}

/** The configuration for one call: named, given in place, or what the environment offers. Checked against the provider's schema. */
export function resolveCredentials(
  type: string,
  provider: Provider,
  config: Json,
  sources: CredentialSources,
  offline: JsonObject | undefined,
): JsonObject {
  const given = isObject(config)
    ? config
    : typeof config === 'string'
      ? named(config, type, provider, sources, offline !== undefined)
      : unnamed(type, sources);
  const all: JsonObject = { ...credentialsOfEnvironment(provider, sources.environment), ...given, ...offline };
  const complete = wideNumbersAsText(provider.config, all);
  const issues = checkSchema(provider.config, complete);
  const missing = issues.filter((issue) => issue.code === 'missing-key');
  if (missing.length > 0) {
    const variables = Object.values(provider.environment ?? {}).flat();
    const hint =
      variables.length > 0 ? `Set ${variables[0]}, or configure it under \`providers:\`.` : 'Configure it under `providers:`.';
    throw new ThreadlineError(
      'missing_credentials',
      `Provider \`${type}\` is not configured: ${missing.map((issue) => issue.message).join(', ')}.`,
      { hint },
    );
  }
  const [issue] = issues;
  if (issue) {
    const place = [...issue.path].join('.');
    const key = String(issue.path[0] ?? '');
    const names = Object.hasOwn({ ...given, ...offline }, key) ? [] : [provider.environment?.[key] ?? []].flat();
    const variable = names.find((name) => sources.environment[name]);
    const hint = [issue.hint, variable && `It comes from ${variable}.`].filter(Boolean).join(' ');
    throw new ThreadlineError(
      'invalid_config',
      `The configuration of provider \`${type}\` is wrong: ${place ? `${place}: ` : ''}${issue.message}.`,
      hint ? { hint } : {},
    );
  }
  return complete;
}

/** `isOffline`: the emulator is asked, which needs no configuration. */
function named(name: string, type: string, provider: Provider, sources: CredentialSources, isOffline: boolean): JsonObject {
  const { file, workflow, environment } = sources;
  const found = [credentialsIn(file[name]), credentialsIn(workflow[name]), credentialsInVariable(name, environment)].filter(
    (config) => config !== undefined,
  );
  if (found.length > 0) return Object.assign({}, ...found) as JsonObject;
  if (needsNone(name, type, provider.config as SchemaNode)) return unnamed(type, sources);
  if (isOffline) return { ...(provider.offlineStandIn as JsonObject | undefined) };
  throw new ThreadlineError('missing_credentials', `There is no provider configuration called \`${name}\`.`, {
    hint: missingHint(name, [...Object.keys(file), ...Object.keys(workflow)]),
  });
}

/** Tells Keep's name for what needs no configuration; and a provider that takes none misses nothing. */
export function needsNone(name: string, type: string, config: SchemaNode): boolean {
  const { properties = {} } = config as { properties?: object };
  return name === `default-${type}` || Object.keys(properties).length === 0;
}

export const missingHint = (name: string, known: readonly string[]): string =>
  didYouMean(name, known) ?? `Configure it under \`providers:\`, in providers.yaml or in ${variableOf('THREADLINE', name)}.`;

/** Keep's rule: without `config`, the configuration `default-TYPE` or that of the type's own name is used when there is one. */
function unnamed(type: string, { file, workflow, environment }: CredentialSources): JsonObject {
  for (const name of [`default-${type}`, type]) {
    const found = credentialsIn(workflow[name]) ?? credentialsIn(file[name]) ?? credentialsInVariable(name, environment);
    if (found) return found;
  }
  return {};
}

/** `{type, authentication: {…}}` as Keep has it, or the credentials themselves. */
export const credentialsIn = (config: Json | undefined): JsonObject | undefined =>
  isObject(config) ? (isObject(config.authentication) ? config.authentication : config) : undefined;

const variableOf = (prefix: string, name: string) => `${prefix}_PROVIDER_${name.toUpperCase().replaceAll('-', '_')}`;

/** One variable for each configuration; and Keep's KEEP_PROVIDERS, which holds them all. */
export function credentialsInVariable(name: string, environment: CredentialSources['environment']): JsonObject | undefined {
  for (const prefix of ['THREADLINE', 'KEEP']) {
    const variable = variableOf(prefix, name);
    const text = environment[variable];
    if (text === undefined) continue;
    const config = credentialsIn(parseVariable(variable, text, environment));
    if (config) return config;
    throw new ThreadlineError('invalid_config', `${variable} must hold a map.`);
  }
  const all = environment.KEEP_PROVIDERS?.trim();
  if (!all?.startsWith('{')) return undefined;
  const configs = parseVariable('KEEP_PROVIDERS', all, environment);
  return isObject(configs) && Object.hasOwn(configs, name) ? credentialsIn(configs[name]) : undefined;
}

/** JSON, in which `$(NAME)` stands for another variable. */
function parseVariable(variable: string, text: string, environment: CredentialSources['environment']): Json {
  const fill = (value: Json): Json => {
    if (typeof value === 'string') return value.replace(/\$\((\w+)\)/g, (whole, name: string) => environment[name] ?? whole);
    if (Array.isArray(value)) return value.map(fill);
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item)])) : value;
  };
  try {
    return fill(toJson(parseJson(text)));
  } catch (cause) {
    throw new ThreadlineError('invalid_config', `${variable} is not valid JSON.`, { cause });
  }
}

/** What variables of the provider's own fill in. */
export function credentialsOfEnvironment(provider: Provider, environment: CredentialSources['environment']): JsonObject {
  const config: JsonObject = {};
  for (const [key, variables] of Object.entries(provider.environment ?? {})) {
    const value = [variables]
      .flat()
      .map((variable) => environment[variable])
      .find((text) => text !== undefined && text !== '');
    if (value !== undefined) config[key] = value;
  }
  return config;
}
