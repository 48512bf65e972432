import { existsSync, globSync, readFileSync } from 'node:fs';
import { PRESETS } from '../providers/openaiassistant/dialects/servers.ts';
import { program } from '../src/cli/commands/index.ts';
import { type CommandGroup, commandHelp, groupHelp } from '../src/cli/terminal/command-line.ts';
import { DIAGNOSTICS } from '../src/language/diagnostic.ts';
import { WorkflowSchema } from '../src/language/schema.ts';
import { StepSchema } from '../src/language/step-schema.ts';
import { editorSchema } from '../src/load/editor-schema.ts';
import type { Provider } from '../src/provider/contract.ts';
import { openRegistry } from '../src/provider/load.ts';
import { parameterRows } from '../src/report/parameters.ts';
import { SettingsSchema } from '../src/run/settings.ts';
import { ERRORS } from '../src/shared/errors/errors.ts';
import { isObject, type Json } from '../src/shared/json/json.ts';
import { helpers, keepFunctions } from '../src/values/index.ts';

type Registry = ReturnType<typeof openRegistry>;

const NOTE = '<!-- Made by `npm run docs` from the sources: do not edit. -->\n\n';

/** Every file that is made from the sources: path → text. A test fails when one of them is not what this gives. */
export async function generatedDocs(): Promise<Record<string, string>> {
  const registry = openRegistry();
  const files: Record<string, string> = {
    'docs/schema/workflow.json': `${JSON.stringify(await editorSchema(registry), null, 2)}\n`,
    'docs/reference/language.md': languagePage(),
    'docs/reference/helpers.md': helpersPage(),
    'docs/reference/functions.md': functionsPage(),
    'docs/reference/cli.md': cliPage(),
    'docs/reference/errors.md': await errorsPage(registry),
    'docs/reference/settings.md': settingsPage(),
  };
  let providers = `${NOTE}# Providers\n`;
  for (const name of registry.names()) {
    const provider = await registry.load(name);
    if (!provider) continue;
    const tables = providerTables(provider);
    providers += `\n## \`${name}\`\n\n${provider.description}\n${tables}`;
  }
  files['docs/reference/providers.md'] = providers;
  files['docs/wires.md'] = wiresPage();
  for (const readme of globSync('providers/*/README.md')) files[readme] = await withParameters(readme, registry);
  return files;
}

/** Puts the table of parameters between the marks of a provider's README. */
async function withParameters(readme: string, registry: Registry): Promise<string> {
  const text = readFileSync(readme, 'utf8');
  const provider = await registry.load(readme.split('/')[1] ?? '');
  if (!provider || !existsSync(readme)) return text;
  const tables = providerTables(provider);
  return text.replace(
    /<!-- parameters -->(?:[\s\S]*?<!-- \/parameters -->)?/,
    () => `<!-- parameters -->\n${tables}\n<!-- /parameters -->`,
  );
}

function providerTables({ params, config, environment = {}, examples }: Provider): string {
  const rows = (schema: object) =>
    parameterRows(schema).map((row) => [`\`${row.name}\`${row.required ? ' (required)' : ''}`, row.type, row.description]);
  const open =
    (params as { additionalProperties?: unknown }).additionalProperties !== false ? '\nAny other key is taken as well.\n' : '';
  const configRows = rows(config).map(([name = '', ...rest]) => [
    name,
    ...rest,
    [environment[bare(name)] ?? ''].flat().join(', '),
  ]);
  const configuration =
    configRows.length === 0 ? '' : `\nConfiguration:\n\n${table(['key', 'type', 'what it is', 'environment'], configRows)}`;
  const head = ['parameter', 'type', 'what it does'];
  const parameters = examples
    ? table(
        [...head, 'example'],
        rows(params).map((row) => [...row, exampleOf(examples[bare(row[0] ?? '')])]),
      )
    : table(head, rows(params));
  return `\n${parameters}${open}${configuration}`;
}

const bare = (name: string) => name.replace(/`/g, '');

/** As it stands in YAML: text without quotes where YAML needs none. */
const exampleOf = (value: Json | undefined): string =>
  value === undefined ? '' : `\`${typeof value === 'string' && !value.includes('{{') ? value : flow(value)}\``;

const flow = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (isObject(value))
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${flow(item)}`)
      .join(', ')} }`;
  return typeof value === 'string' && /^[\w./-]+$/.test(value) ? value : JSON.stringify(value);
};

/** The table of servers; the rest of the page is made by tests and by hand. */
function wiresPage(): string {
  const names = Object.keys(PRESETS.openai.can) as (keyof typeof PRESETS.openai.can)[];
  const rows = Object.entries(PRESETS).map(([name, { wire, can }]) => {
    const lacks = names.filter((capability) => !can[capability]).map((capability) => `\`${capability}\``);
    return [`\`${name}\``, `\`${wire}\``, lacks.join(', ') || 'nothing'];
  });
  const servers = table(['server', '`wire: auto`', 'cannot, as far as is known'], rows);
  return readFileSync('docs/wires.md', 'utf8').replace(
    /<!-- servers -->[\s\S]*<!-- \/servers -->/,
    () => `<!-- servers -->\n\n${servers}\n<!-- /servers -->`,
  );
}

function languagePage(): string {
  const rows = (schema: object) =>
    parameterRows(schema).map((row) => [`\`${row.name}\`${row.required ? ' (required)' : ''}`, row.type, row.description]);
  const head = ['key', 'type', 'what it does'];
  return `${NOTE}# The keys of a workflow\n\n## Workflow\n\n${table(head, rows(WorkflowSchema))}\n## Step and action\n\n${table(head, rows(StepSchema))}`;
}

function helpersPage(): string {
  const rows = helpers.map(({ signature, description, example }) => [
    `\`${signature}\``,
    description,
    `\`${example.template}\` with \`${JSON.stringify(example.scope)}\` gives \`${JSON.stringify(example.result)}\``,
  ]);
  return `${NOTE}# Helpers\n\nCalled in a tag: \`{{ default alert.service "unknown" }}\`.\n\n${table(['helper', 'what it gives', 'example'], rows)}`;
}

function functionsPage(): string {
  const rows = keepFunctions.map(({ signature, description, example, difference = '' }) => [
    `\`${signature}\``,
    description,
    `\`${example.template}\` with \`${JSON.stringify(example.scope)}\` gives \`${JSON.stringify(example.result)}\``,
    difference,
  ]);
  const about = 'Keep’s functions: in `{{ }}`, in conditions, and bare in text. Arguments may be given by name.';
  return `${NOTE}# Functions\n\n${about}\n\n${table(['function', 'what it gives', 'example', 'in Keep'], rows)}`;
}

function cliPage(): string {
  const parts = helpTexts(program).map((text) => `\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`);
  return `${NOTE}# Command line\n\n${parts.join('\n')}`;
}

const helpTexts = (group: CommandGroup): string[] => [
  groupHelp(group),
  ...group.commands.flatMap((command) => ('commands' in command ? helpTexts(command) : [commandHelp(command)])),
];

async function errorsPage(registry: Registry): Promise<string> {
  const errors = Object.entries(ERRORS).map(([code, { summary, exitCode, retryable }]) => [
    `\`${code}\``,
    summary,
    String(exitCode),
    retryable ? 'yes' : '',
  ]);
  const diagnostics = Object.entries(DIAGNOSTICS).map(([code, summary]) => [`\`${code}\``, summary]);
  return `${NOTE}# Errors\n\n## What a run can fail of\n\n\`retry\` without \`on\` tries retryable errors again.\n\n${table(['code', 'meaning', 'exit code', 'retryable'], errors)}\n${await providerErrors(registry)}## What \`validate\` finds\n\n${table(['code', 'meaning'], diagnostics)}`;
}

/** A section for each provider that has codes of its own. */
async function providerErrors(registry: Registry): Promise<string> {
  const sections = await Promise.all(
    registry.names().map(async (name) => {
      const rows = Object.entries((await registry.load(name))?.errors ?? {}).map(([code, summary]) => [`\`${code}\``, summary]);
      return rows.length === 0 ? '' : `\n### Of \`${name}\`\n\n${table(['code', 'meaning'], rows)}`;
    }),
  );
  return `${sections.join('')}\n`;
}

function settingsPage(): string {
  const rows = Object.entries(SettingsSchema.properties).flatMap(([name, schema]) => {
    const inner = parameterRows(schema).map((row) => [`\`${name}.${row.name}\``, row.type, row.description]);
    return inner.length > 0
      ? inner
      : parameterRows(SettingsSchema)
          .filter((row) => row.name === name)
          .map((row) => [`\`${name}\``, row.type, row.description]);
  });
  return `${NOTE}# Settings\n\n\`threadline.config.yaml\` in the working folder; every key is optional.\n\n${table(['key', 'type', 'what it does'], rows)}`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
