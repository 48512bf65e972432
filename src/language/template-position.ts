import type { Roots } from '../keywords/index.ts';
import type { TextReference } from '../plan/plan.ts';
import type { JsonObject } from '../shared/json/json.ts';
import type { SchemaNode } from '../shared/schema/schema.ts';
import type { Reference } from '../values/index.ts';
import type { StepNames } from './step-names.ts';

/** The schema of what a step's provider resolves with, where the provider declares one. */
export interface DeclaredResults {
  schema: SchemaNode;
  /** The step runs once for each item, so that its results are a list. */
  isIterated: boolean;
}

/** Every name that the file declares, for checking the references of its templates. */
export interface Names {
  steps: StepNames;
  inputs: ReadonlySet<string>;
  /** References of each constant, which count wherever the constant is read. Undefined until they are known. */
  consts: ReadonlyMap<string, readonly Reference[] | undefined>;
  env: ReadonlySet<string>;
  /** Roots that the triggers fill: alert, event, incident. */
  triggered: ReadonlySet<string>;
  /** Maps names of conditions, which later steps read as roots, to their steps. */
  flags: ReadonlyMap<string, string>;
  /** Names of conditions by step. */
  conditions: ReadonlyMap<string, ReadonlySet<string>>;
  /** What providers declare of the results of steps. */
  results: ReadonlyMap<string, DeclaredResults>;
  /** Names of more than one step. */
  twice: ReadonlySet<string>;
  /** Fields of the file's provider configurations, without their secrets. */
  providers: ReadonlyMap<string, JsonObject>;
  /** Constants whose templates read untrusted data. */
  taintedConsts: ReadonlySet<string>;
}

/** Position of a template in the file. */
export interface TemplatePosition {
  /** Step that contains the template; undefined after all steps (outputs) and before them (providers). */
  step: string | undefined;
  /** Function tool that contains the template. */
  tool?: string;
  /** The steps of the run have ended: in outputs, on-failure and finally. */
  allStepsEnded: boolean;
  /** Roots that exist only here: foreach, vars, args … */
  extraRoots: Roots;
  /** Roots with items of a literal list in the file, such as `foreach.value`. */
  trustedItems: ReadonlySet<string>;
  /** The only roots here; undefined means every root that the workflow fills. */
  onlyRoots?: readonly string[];
  /** Credentials may read any environment variable, listed or not. */
  anyEnv?: boolean;
  /** Only trusted roots may be read here. */
  onlyTrusted?: boolean;
  /** Unknown roots are fields of an item that is known only at run time. */
  openRoots?: boolean;
  /** Kind of value that the keyword requires. */
  wants?: TextReference['wants'];
  /** The template of a constant, whose references are checked where the constant is read. */
  isConstant?: boolean;
}
