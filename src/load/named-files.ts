import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { hasErrors } from '../language/diagnostic.ts';
import { type ParsedFile, parseYaml } from '../language/parse.ts';
import { type Plan, signatureOf } from '../plan/plan.ts';
import type { CheckFiles, WorkflowSignature } from '../provider/contract.ts';
import { liesInside } from '../provider/workflow-file.ts';
import type { Json } from '../shared/json/json.ts';

export const isReadable = (path: string, roots: readonly string[]): boolean =>
  !path.includes('\0') &&
  statSync(path, { throwIfNoEntry: false })?.isFile() === true &&
  liesInside(
    realpathSync(path),
    roots.map((root) => realpathSync(root)),
  );

/** Files that a workflow names, parsed once. */
export class NamedFiles implements CheckFiles {
  readonly parsed = new Map<string, ParsedFile>();
  private readonly folder: string;
  private readonly workingFolder: string;
  private readonly planAt: (path: string) => Plan | undefined;

  /** `planAt`: the workflow in a file, by its absolute path. */
  constructor(file: string, workingFolder: string, planAt: (path: string) => Plan | undefined) {
    this.folder = dirname(resolve(workingFolder, file));
    this.workingFolder = workingFolder;
    this.planAt = planAt;
  }

  workflow(path: string): WorkflowSignature | undefined {
    const plan = this.planAt(resolve(this.folder, path));
    return plan && signatureOf(plan);
  }

  get sources(): [string, string][] {
    return [...this.parsed.values()].map(({ file, text }) => [file, text]);
  }

  exists(path: string): boolean {
    return this.isReadable(resolve(this.folder, path));
  }

  data(path: string): Json | undefined {
    const parsed = this.open(path);
    return parsed && !hasErrors(parsed.problems) ? parsed.data : undefined;
  }

  open(path: string): ParsedFile | undefined {
    const known = this.parsed.get(path);
    const absolute = resolve(this.folder, path);
    if (known || !this.isReadable(absolute)) return known;
    const parsed = parseYaml(readFileSync(absolute, 'utf8'), relative(this.workingFolder, absolute));
    this.parsed.set(path, parsed);
    return parsed;
  }

  private isReadable(path: string): boolean {
    return isReadable(path, [this.folder, this.workingFolder]);
  }
}
