import type { Scope, TextReference } from '../plan/plan.ts';
import type { StepTemplate } from '../plan/step-template.ts';
import type { DataPath, JsonObject } from '../shared/json/json.ts';
import type { Reference } from '../values/index.ts';
import type { Place } from './diagnostic.ts';
import type { ParsedFile } from './parse.ts';
import type { Report } from './report.ts';
import type { Names, TemplatePosition } from './template-position.ts';

/** A file that the workflow names; the caller checks that it exists. */
export interface FileUse {
  file: string;
  place: Place;
}

/** Facts about the file for the compiler of values, and its findings. */
export interface ValueContext {
  parsed: ParsedFile;
  report: Report;
  names: Names;
  stepNames: readonly string[];
  files: FileUse[];
  workflows: FileUse[];
  reads: Set<string>;
  /** Every reference of the file's texts, with its whole path. */
  references: TextReference[];
  /** Functions that the file's texts call, such as `keep.get_firing_time`. */
  calls: Set<string>;
  /** Collects the references of a constant, which are checked where the constant is read. */
  collected?: Reference[];
  /** Compiles a position whose schema has the meaning `step`. */
  compileStepTemplate(data: JsonObject, path: DataPath, position: TemplatePosition): (scope: Scope) => StepTemplate;
}
