import { ThreadlineError } from '../../shared/errors/errors.ts';
import { didYouMean } from '../../shared/text/suggest.ts';
import type { Command } from '../terminal/command-line.ts';

export const providersCommand: Command = {
  name: 'providers',
  summary: "list the installed providers, or one provider's parameters",
  argument: { name: 'name', description: 'a provider' },
  options: { format: { value: 'format', choices: ['pretty', 'json'], default: 'pretty', description: 'what is printed' } },
  run: (values, [name]) => show(name, values.text('format') as 'pretty' | 'json'),
};

async function show(name: string | undefined, format: 'pretty' | 'json'): Promise<number> {
  const { openProject, parameterRows, textTable } = await import('../project/runtime.ts');
  const { registry } = openProject();
  if (name === undefined) {
    const rows = await Promise.all(
      registry.names().map(async (each) => ({ name: each, description: (await registry.load(each))?.description ?? '' })),
    );
    process.stdout.write(
      format === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : textTable(rows.map((row) => [row.name, row.description])),
    );
    return 0;
  }
  const provider = await registry.load(name);
  if (!provider) {
    const hint = didYouMean(name, registry.names()) ?? `Installed are: ${registry.names().join(', ')}.`;
    throw new ThreadlineError('provider_not_found', `There is no provider \`${name}\`.`, { hint });
  }
  const { description, params, config, environment = {} } = provider;
  if (format === 'json') process.stdout.write(`${JSON.stringify({ name, description, params, config, environment }, null, 2)}\n`);
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
    process.stdout.write(`${name}: ${description}\n${table('with', params)}${table('config', config)}${fromEnvironment}`);
  }
  return 0;
}
