import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CODE_PATTERN, ThreadlineError } from '../shared/errors/errors.ts';
import { unsupportedKeywords } from '../shared/schema/check-schema.ts';
import type { Provider } from './contract.ts';
import { importFromProject, leadToHost } from './module-hooks.ts';

/** The folder of built-in providers: this file sits two folders below the root, in the sources as in dist/. */
const BUILT_IN = fileURLToPath(new URL('../../providers/', import.meta.url));

/** Where providers come from: the built-in folder, and the folders and packages that threadline.config.yaml names. */
export interface ProviderRegistry {
  /** The names of all providers, broken ones included, sorted. */
  names(): string[];
  /** Undefined where there is none of that name. Rejects with `invalid_config` where there is one and it cannot be loaded. */
  load(name: string): Promise<Provider | undefined>;
}

/** A provider that was found and is not loaded yet. */
interface FoundProvider {
  name: string;
  /** A file, or a package's name: for messages. */
  source: string;
  isBuiltIn: boolean;
  load(): Promise<{ default?: unknown }>;
}

/**
 * Finds providers in folders of folders and in packages called `threadline-provider-NAME`; `projectFolder` is what entries are
 * relative to. Throws `invalid_config` for an entry that is neither, and for a name that is taken: a copy of `http` would come
 * without its guard.
 */
export function openRegistry(entries: readonly string[] = [], projectFolder = process.cwd()): ProviderRegistry {
  const found = new Map<string, FoundProvider>();
  for (const provider of [...providersIn(BUILT_IN), ...entries.flatMap((entry) => providersOf(entry, projectFolder))]) {
    const taken = found.get(provider.name);
    if (taken) throw refuseTaken(taken, provider);
    found.set(provider.name, provider);
  }
  const loaded = new Map<string, Promise<Provider>>();
  return {
    names: () => [...found.keys()].sort(),
    async load(name) {
      const provider = found.get(name);
      if (!provider) return undefined;
      const loading = loaded.get(name) ?? importProvider(provider);
      loaded.set(name, loading);
      return loading;
    },
  };
}

function refuseTaken(taken: FoundProvider, second: FoundProvider): ThreadlineError {
  const whose = taken.isBuiltIn ? 'is built in' : `is in ${taken.source}`;
  const message = `There are two providers called \`${taken.name}\`: one ${whose}, one is in ${second.source}.`;
  return new ThreadlineError('invalid_config', message, { hint: 'A provider is called like its folder or package: rename one.' });
}

const PACKAGE = /^(?:@[\w.-]+\/)?threadline-provider-([\w-]+)$/;

/** An entry of `providers:` in the settings. */
function providersOf(entry: string, projectFolder: string): FoundProvider[] {
  const folder = resolve(projectFolder, entry);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  const name = PACKAGE.exec(entry)?.[1];
  if (name === undefined) return providersIn(folder);
  if (!isFolder || isPackage(folder, entry))
    return [{ name, source: entry, isBuiltIn: false, load: () => importFromProject(entry, projectFolder) }];
  throw new ThreadlineError('invalid_config', `\`${entry}\` may be the folder of that name or the package.`, {
    hint: `Write \`./${entry}\` for the folder, or rename it.`,
  });
}

/** Whether the folder holds the very package that is called like it: then both readings mean the same. */
function isPackage(folder: string, name: string): boolean {
  const file = join(folder, 'package.json');
  return existsSync(file) && nameIn(file) === name;
}

function nameIn(file: string): unknown {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown } | null)?.name;
  } catch (cause) {
    throw new ThreadlineError('invalid_config', `${file} is not valid JSON.`, { cause });
  }
}

function providersIn(folder: string): FoundProvider[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new ThreadlineError('invalid_config', `The provider folder ${folder} does not exist.`, {
      hint: 'An entry of `providers:` is a folder of provider folders, or a package called `threadline-provider-NAME`.',
    });
  const candidates = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return candidates.flatMap(({ name }): FoundProvider[] => {
    const file = ['index.js', 'index.mjs', 'index.ts'].map((index) => join(folder, name, index)).find((path) => existsSync(path));
    if (file === undefined) return [];
    return [{ name, source: file, isBuiltIn: folder === BUILT_IN, load: () => import(pathToFileURL(file).href) }];
  });
}

async function importProvider({ name, source, isBuiltIn, load }: FoundProvider): Promise<Provider> {
  if (!isBuiltIn) leadToHost();
  const loaded = await load().catch((cause: Error) => {
    if (cause instanceof ThreadlineError) throw cause;
    throw new ThreadlineError('invalid_config', `Provider \`${name}\` (${source}) cannot be loaded: ${cause.message}`, { cause });
  });
  return requireContract(name, source, loaded.default);
}

/** Throws `invalid_config` where what a module exports is not a provider. */
function requireContract(name: string, source: string, exported: unknown): Provider {
  const provider = exported as Provider | undefined;
  if (typeof provider?.run !== 'function' || !provider.params || !provider.config) {
    const missing = ['description', 'config', 'params', 'run'].filter((key) => !provider || !Object.hasOwn(provider, key));
    const lack = missing.length > 0 ? `it has no ${missing.join(', ')}` : '`run` is not a function';
    throw new ThreadlineError('invalid_config', `${source} is not a provider: ${lack}.`, {
      hint: 'Its default export is what `defineProvider({ description, config, params, run })` returns.',
    });
  }
  const unsupported = [provider.params, provider.config].flatMap(unsupportedKeywords);
  if (unsupported.length > 0)
    throw new ThreadlineError(
      'invalid_config',
      `The schemas of provider \`${name}\` use ${unsupported.join(', ')}, which Threadline does not check.`,
    );
  const misspelt = Object.keys(provider.errors ?? {}).filter((code) => !new RegExp(CODE_PATTERN).test(code));
  if (misspelt.length > 0)
    throw new ThreadlineError(
      'invalid_config',
      `Error codes of provider \`${name}\` are not snake_case: ${misspelt.join(', ')}.`,
    );
  return provider;
}
