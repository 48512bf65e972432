import type { ProviderPlace } from '../plan/plan.ts';
import type { DataPath, JsonObject } from '../shared/json/json.ts';
import type { SchemaNode } from '../shared/schema/schema.ts';
import type { Place } from './diagnostic.ts';
import type { ValueContext } from './value-context.ts';

/** Facts about a provider for the compiler. */
export interface ProviderSchemas {
  params: SchemaNode;
  config: SchemaNode;
  /** What a call with these parameters resolves with, if that is known. */
  results?: ((params: JsonObject) => SchemaNode | undefined) | undefined;
  /** The provider's own error codes. */
  errors: readonly string[];
  /** Of a provider whose steps decide on what comes after them: whether one with these parameters does. */
  gates: ((params: JsonObject) => boolean) | undefined;
}

/** A `with:` with valid keys and types, for the provider's own checks. */
export interface ParamsUse {
  provider: string;
  params: JsonObject;
  /** Place of a part of the parameters. */
  locate(path: DataPath, part?: 'key' | 'value'): Place;
  /** No key is unknown, so an absent key is not merely mistyped. */
  isComplete: boolean;
}

/** A call that names a configuration, or uses that of its type. */
export interface ConfigUse {
  provider: string;
  name: string | undefined;
  /** The workflow's file configures it itself. */
  isOwn: boolean;
  /** The parameters of the call as written. */
  params: JsonObject;
  place: Place;
}

/** What the compilation finds out of the workflow as a whole. */
interface WorkflowFacts {
  usesAlerts: boolean;
  /** Steps that are to decide on others and let them start in any case, so that one of them has to read what came of it. */
  toBeRead: { name: string; path: DataPath }[];
}

export interface StepContext extends ValueContext {
  facts: WorkflowFacts;
  providers: ReadonlyMap<string, ProviderSchemas>;
  /** Names of all installed providers. */
  installed: readonly string[];
  /** Installed providers that cannot be loaded, with the reason. */
  broken: ReadonlyMap<string, { message: string; hint?: string | undefined }>;
  /** Providers that a workflow may name although they are not installed. */
  known: readonly string[];
  /** What is built in for the work of one of these, in one sentence. */
  instead: Readonly<Record<string, string>>;
  /** Tells whether a stub answers for a step's provider. */
  isStubbed?(provider: string, step: string): boolean;
  providerPlaces: ProviderPlace[];
  params: ParamsUse[];
  configs: ConfigUse[];
}
