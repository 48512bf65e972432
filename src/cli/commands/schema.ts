import type { Register } from '../program.ts';

export const registerSchema: Register = (program, exitWith) => {
  program
    .command('schema')
    .description('print the JSON Schema of workflow files, with every installed provider, for editors')
    .action(async () => exitWith(await print()));
};

async function print(): Promise<number> {
  const [{ openProject }, { editorSchema }] = await Promise.all([import('../project.ts'), import('../../editor-schema.ts')]);
  const { registry } = openProject();
  process.stdout.write(`${JSON.stringify(await editorSchema(registry), null, 2)}\n`);
  return 0;
}
