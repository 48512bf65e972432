import { existsSync, readdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { unsupportedKeywords } from '../shared/schema/check-schema.ts';
import type { Provider } from './contract.ts';

/** The folder of built-in providers: this file sits two folders below the root, in the sources as in dist/. */
const BUILT_IN = fileURLToPath(new URL('../../providers/', import.meta.url));

/** Where providers come from: the built-in folder, and those that threadline.config.yaml names. */
export interface ProviderRegistry {
  /** Names of all that could be loaded, sorted. */
  names(): string[];
  /** Undefined when there is none of that name. Rejects when there is one and it is broken. */
  load(name: string): Promise<Provider | undefined>;
}

/** A provider is a folder with an index file. A name that is taken is refused: a copy of `http` would come without its guard. */
export function openRegistry(folders: readonly string[] = []): ProviderRegistry {
  const files = new Map<string, string>();
  for (const [name, file] of [BUILT_IN, ...folders].flatMap(providersIn)) {
    const taken = files.get(name);
    if (taken !== undefined) {
      const whose = taken.startsWith(BUILT_IN) ? 'is built in' : `is in ${taken}`;
      throw new ThreadlineError(
        'invalid_config',
        `There are two providers called \`${name}\`: one ${whose}, one is in ${file}.`,
        {
          hint: 'The folder is the name: rename it.',
        },
      );
    }
    files.set(name, file);
  }
  const loaded = new Map<string, Promise<Provider>>();
  return {
    names: () => [...files.keys()].sort(),
    async load(name) {
      const file = files.get(name);
      if (file === undefined) return undefined;
      const provider = loaded.get(name) ?? importProvider(name, file);
      loaded.set(name, provider);
      return provider;
    },
  };
}

function providersIn(folder: string): [string, string][] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new ThreadlineError('invalid_config', `The provider folder ${folder} does not exist.`);
  const candidates = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return candidates.flatMap((entry): [string, string][] => {
    const file = ['index.js', 'index.mjs', 'index.ts']
      .map((index) => join(folder, entry.name, index))
      .find((path) => existsSync(path));
    return file === undefined ? [] : [[entry.name, file]];
  });
}

let leadsToHost = false;

/** A folder outside this package cannot find it by name; whatever imports `threadline/provider` gets the host that loads it. */
function leadToHost(): void {
  if (leadsToHost) return;
  leadsToHost = true;
  const host = new URL(`../../src/provider/index${extname(import.meta.url)}`, import.meta.url).href;
  const resolve: module.ResolveHookSync = (specifier, context, next) =>
    specifier === 'threadline/provider' ? { url: host, shortCircuit: true } : next(specifier, context);
  try {
    // Node 22.15 and later; before, a provider needs threadline in a node_modules folder above it.
    module.registerHooks?.({ resolve });
  } catch {
    // Test runners with a loader of their own, such as Jest, let no hooks in: there it needs that folder too.
  }
}

async function importProvider(name: string, file: string): Promise<Provider> {
  if (!file.startsWith(BUILT_IN)) leadToHost();
  const loaded: { default?: Provider } = await import(pathToFileURL(file).href).catch((cause: Error) => {
    throw new ThreadlineError('invalid_config', `Provider \`${name}\` (${file}) cannot be loaded: ${cause.message}`, { cause });
  });
  const provider = loaded.default;
  if (typeof provider?.run !== 'function' || !provider.params || !provider.config) {
    const missing = ['description', 'config', 'params', 'run'].filter((key) => !provider || !Object.hasOwn(provider, key));
    throw new ThreadlineError(
      'invalid_config',
      `${file} is no provider: ${missing.length > 0 ? `it has no ${missing.join(', ')}` : '`run` is no function'}.`,
      {
        hint: 'Its default export is what `defineProvider({ description, config, params, run })` returns.',
      },
    );
  }
  const unsupported = [provider.params, provider.config].flatMap(unsupportedKeywords);
  if (unsupported.length > 0) {
    throw new ThreadlineError(
      'invalid_config',
      `The schemas of provider \`${name}\` use ${unsupported.join(', ')}, which Threadline does not check.`,
    );
  }
  return provider;
}
