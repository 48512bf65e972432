import module from 'node:module';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ThreadlineError } from '../shared/errors/errors.ts';

/** The modules that a provider imports of its host, by name. */
const HOST_MODULES: Readonly<Record<string, string>> = {
  'threadline/provider': 'index',
  'threadline/runtime': 'runtime',
};

/** `threadline-project:NAME`, asked for by `importFromProject`. */
const FROM_PROJECT = 'threadline-project:';

let isRegistered = false;
let projectUrl = '';

const resolve: module.ResolveHookSync = (specifier, context, next) => {
  const file = HOST_MODULES[specifier];
  if (file !== undefined) {
    const url = new URL(`../../src/provider/${file}${extname(import.meta.url)}`, import.meta.url).href;
    return { url, shortCircuit: true };
  }
  if (!specifier.startsWith(FROM_PROJECT)) return next(specifier, context);
  return next(specifier.slice(FROM_PROJECT.length), { ...context, parentURL: projectUrl });
};

/**
 * Whatever imports `threadline/provider` gets the host that loads it, wherever it lies. A test runner with a loader of its own,
 * such as Jest, takes no hooks: there a provider needs threadline in a node_modules folder above it.
 */
export function leadToHost(): void {
  if (isRegistered) return;
  isRegistered = true;
  try {
    module.registerHooks({ resolve });
  } catch {
    // The import that follows fails with Node's own words where a provider then cannot find its host.
  }
}

/** Imports a package as a file in the project's folder would. Rejects with `invalid_config` where it is not installed. */
export async function importFromProject(name: string, projectFolder: string): Promise<{ default?: unknown }> {
  projectUrl = pathToFileURL(join(projectFolder, 'package.json')).href;
  try {
    return await import(`${FROM_PROJECT}${name}`);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND' || !String(cause).includes(name)) throw cause;
    throw new ThreadlineError('invalid_config', `The provider package \`${name}\` is not installed.`, {
      hint: `Run \`npm install ${name}\` in ${projectFolder}.`,
      cause,
    });
  }
}
