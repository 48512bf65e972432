import type { Roots } from '../keywords/index.ts';
import type { TextReference } from '../plan/plan.ts';
import type { JsonObject } from '../shared/json/json.ts';
import type { Reference } from '../values/index.ts';
import type { StepNames } from './step-names.ts';

/** Every name that the file declares, for checking what its templates read. */
export interface Names {
  steps: StepNames;
  inputs: ReadonlySet<string>;
  /** What each constant reads: it stands wherever the constant is read. Undefined while that is not known yet. */
  consts: ReadonlyMap<string, readonly Reference[] | undefined>;
  env: ReadonlySet<string>;
  /** Roots that the triggers fill: alert, event, incident. */
  triggered: ReadonlySet<string>;
  /** Names of conditions, which later steps read bare, and the steps that they belong to. */
  flags: ReadonlyMap<string, string>;
  /** Names of conditions of each step that has some. */
  conditions: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names that two steps have. */
  twice: ReadonlySet<string>;
  /** Configurations of the file, without their secrets. */
  providers: ReadonlyMap<string, JsonObject>;
  /** Constants whose templates read untrusted data. */
  taintedConsts: ReadonlySet<string>;
}

/** Where a template stands. */
export interface TemplatePosition {
  /** The step that it belongs to; undefined where all steps have ended (outputs) or none has (providers). */
  step: string | undefined;
  /** The function of the step that it belongs to. */
  tool?: string;
  /** Whether the steps of the run have ended: in outputs, on-failure and finally. */
  allStepsEnded: boolean;
  /** Roots that exist here only: foreach, vars, args … */
  extraRoots: Roots;
  /** Roots of items that the file itself lists: `foreach.value` of a list that is written out. */
  trustedItems: ReadonlySet<string>;
  /** The only roots that are there; undefined means: all that the workflow fills. */
  onlyRoots?: readonly string[];
  /** Environment variables need no listing: credentials, which are no templates' business. */
  anyEnv?: boolean;
  /** Data must not have a say in what is computed here. */
  onlyTrusted?: boolean;
  /** Bare names are fields of an item that nobody knows yet. */
  openRoots?: boolean;
  /** What it must give; known where a keyword asks for it. */
  wants?: TextReference['wants'];
  /** A constant: what it reads must be there where the constant is read. */
  isConstant?: boolean;
}
