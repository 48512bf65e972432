import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ThreadlineError } from '../../shared/errors/errors.ts';

export interface FoundWorkflows {
  files: string[];
  /** YAML files in searched folders that hold no workflow. */
  skipped: string[];
}

/** The workflow files for paths, folders and globs. A file named by its path counts with any content. */
export function findWorkflows(paths: readonly string[]): FoundWorkflows {
  const given = paths.length > 0 ? paths : [existsSync('workflows') ? 'workflows' : '.'];
  const files = new Set<string>();
  const skipped: string[] = [];
  for (const path of given.flatMap(expand)) {
    if (!statSync(path).isDirectory()) files.add(path);
    else
      for (const file of yamlFilesIn(path))
        if (holdsWorkflow(file)) files.add(file);
        else skipped.push(file);
  }
  return { files: [...files].sort(), skipped };
}

function expand(path: string): string[] {
  if (existsSync(path)) return [path];
  const matches = /[*?[\]{}]/.test(path) ? globSync(path) : [];
  if (matches.length > 0) return matches;
  throw new ThreadlineError('file_not_found', `There is no ${path}.`);
}

function yamlFilesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : yamlFilesIn(path);
    return /\.ya?ml$/.test(entry.name) ? [path] : [];
  });
}

/** A folder of workflows holds other YAML too: assistants, rules, alerts, reusable actions. */
const holdsWorkflow = (file: string) =>
  !/(^|\/)actions\.ya?ml$/.test(file) && /^(workflows?|alert|steps|actions):/m.test(readFileSync(file, 'utf8'));
