// `npm run dev`: the command line from its sources, started anew by `node --watch` at every change of code or workflow.
// Offline by default: saving a file must not cost money.
const QUICKSTART = ['run', 'workflows/quickstart.yml', '--alert', 'workflows/quickstart.alert.json', '--offline'];

if (process.argv.length === 2) process.argv.push(...QUICKSTART);
await import('../src/cli/main.ts');
