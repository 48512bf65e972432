import type { ProviderRegistry } from '../../provider/load.ts';
import { ThreadlineError, toThreadlineError } from '../../shared/errors/errors.ts';
import { didYouMean } from '../../shared/text/suggest.ts';
import type { Command } from '../terminal/command-line.ts';

export const providersCommand: Command = {
  name: 'providers',
  summary: "list the installed providers, or one provider's parameters",
  argument: { name: 'name', description: 'a provider' },
  options: { format: { value: 'format', choices: ['pretty', 'json'], default: 'pretty', description: 'what is printed' } },
  run: (values, [name]) => show(name, values.text('format') as 'pretty' | 'json'),
};

/** A broken provider is reported in its row, and the others are still listed. */
async function rowOf(name: string, registry: ProviderRegistry): Promise<{ name: string; description?: string; error?: string }> {
  try {
    return { name, description: (await registry.load(name))?.description ?? '' };
  } catch (thrown) {
    return { name, error: toThreadlineError(thrown).message };
  }
}

async function show(name: string | undefined, format: 'pretty' | 'json'): Promise<number> {
  const { openProject, parameterRows, textTable } = await import('../project/runtime.ts');
  const { registry } = openProject();
  if (name === undefined) {
    const rows = await Promise.all(registry.names().map((each) => rowOf(each, registry)));
    const shown = rows.map(({ name: each, description, error }) => [each, description ?? `cannot be loaded: ${error}`]);
    process.stdout.write(format === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : textTable(shown));
    return rows.some(({ error }) => error !== undefined) ? 3 : 0;
  }
  const provider = await registry.load(name);
  if (!provider) {
    const hint = didYouMean(name, registry.names()) ?? `Installed are: ${registry.names().join(', ')}.`;
    throw new ThreadlineError('provider_not_found', `There is no provider \`${name}\`.`, { hint });
  }
  const { description, params, config, environment = {}, errors = {} } = provider;
  if (format === 'json')
    process.stdout.write(`${JSON.stringify({ name, description, params, config, environment, errors }, null, 2)}\n`);
  else {
    const table = (title: string, schema: object) => {
      const rows = parameterRows(schema).map((row) => [
        row.name,
        row.required ? `${row.type}, required` : row.type,
        row.description,
      ]);
      return rows.length === 0 ? '' : `\n${title}\n${textTable(rows, '  ')}`;
    };
    const variables = Object.entries(environment).map(([key, names]) => [key, [names].flat().join(', ')]);
    const fromEnvironment = variables.length === 0 ? '' : `\nfrom the environment\n${textTable(variables, '  ')}`;
    const codes = Object.keys(errors).length === 0 ? '' : `\nerror codes\n${textTable(Object.entries(errors), '  ')}`;
    process.stdout.write(`${name}: ${description}\n${table('with', params)}${table('config', config)}${fromEnvironment}${codes}`);
  }
  return 0;
}
