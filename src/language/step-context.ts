import type { ProviderPlace } from '../plan/plan.ts';
import type { JsonObject } from '../shared/json/json.ts';
import type { SchemaNode } from '../shared/schema/schema.ts';
import type { Place } from './diagnostic.ts';
import type { Path } from './parse.ts';
import type { ValueContext } from './value-context.ts';

/** What the language needs to know of a provider. */
export interface ProviderSchemas {
  params: SchemaNode;
  config: SchemaNode;
  /** Error codes of its own. */
  errors: readonly string[];
}

/** A `with:` of the right keys and types, for the provider's own checks. */
export interface ParamsUse {
  provider: string;
  params: JsonObject;
  /** The place of a part of the parameters. */
  locate(path: Path, part?: 'key' | 'value'): Place;
  /** No key of it is unknown, so that one that is not there is missing indeed. */
  isComplete: boolean;
}

/** What the compilation finds out of the workflow as a whole. */
interface WorkflowFacts {
  usesAlerts: boolean;
}

export interface StepContext extends ValueContext {
  facts: WorkflowFacts;
  providers: ReadonlyMap<string, ProviderSchemas>;
  /** Names of all providers that are there. */
  installed: readonly string[];
  /** Why a provider that is there cannot be loaded, by name. */
  broken: ReadonlyMap<string, { message: string; hint?: string | undefined }>;
  /** Names of those that may be missing: a workflow that names one is right. */
  known: readonly string[];
  /** Whether a stub answers for a provider, called by a step. */
  isStubbed?(provider: string, step: string): boolean;
  providerPlaces: ProviderPlace[];
  params: ParamsUse[];
}
