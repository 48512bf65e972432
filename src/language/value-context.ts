import type { Scope, TextReference } from '../plan/plan.ts';
import type { StepTemplate } from '../plan/step-template.ts';
import type { JsonObject } from '../shared/json/json.ts';
import type { Reference } from '../values/index.ts';
import type { Place } from './diagnostic.ts';
import type { ParsedFile, Path } from './parse.ts';
import type { Report } from './report.ts';
import type { Names, TemplatePosition } from './template-position.ts';

/** A file that the workflow names, for whoever may look whether it is there. */
export interface FileUse {
  file: string;
  place: Place;
}

/** What compiling values needs to know of the file, and what it finds out. */
export interface ValueContext {
  parsed: ParsedFile;
  report: Report;
  names: Names;
  stepNames: readonly string[];
  files: FileUse[];
  /** Workflows that this one calls. */
  workflows: FileUse[];
  reads: Set<string>;
  /** Everything that the file's texts read, with whole paths. */
  references: TextReference[];
  /** Functions that the file's texts call, such as `keep.get_firing_time`. */
  calls: Set<string>;
  /** Where references are collected instead: of a constant, which is checked where it is read. */
  collected?: Reference[];
  /** Compiles a place that means `step`. */
  compileStepTemplate(data: JsonObject, path: Path, position: TemplatePosition): (scope: Scope) => StepTemplate;
}
