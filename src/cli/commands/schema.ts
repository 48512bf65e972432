import type { Command } from '../terminal/command-line.ts';

export const schemaCommand: Command = {
  name: 'schema',
  summary: 'print the JSON Schema of workflow files, with every installed provider, for editors',
  options: {},
  run: print,
};

async function print(): Promise<number> {
  const [{ openProject }, { editorSchema }] = await Promise.all([
    import('../project/runtime.ts'),
    import('../../load/editor-schema.ts'),
  ]);
  const { registry } = openProject();
  let exitCode = 0;
  const schema = await editorSchema(registry, (error) => {
    process.stderr.write(`threadline: left out: ${error.message}\n`);
    exitCode = 3;
  });
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return exitCode;
}
