// `npm run changelog` prints what the next version would say. `npm version` runs it with --write, which puts that into CHANGELOG.md.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { ConventionalChangelog } from 'conventional-changelog';

const FILE = 'CHANGELOG.md';
const TYPES = [
  { type: 'feat', section: 'New' },
  { type: 'fix', section: 'Fixed' },
  { type: 'perf', section: 'Faster' },
  { type: 'revert', section: 'Taken back' },
];

const isRelease = process.argv.includes('--write');
const before = readFileSync(FILE, 'utf8');
const newest = before.search(/^## /m);
const [heading = ''] = before.slice(newest).match(/^## \S+/) ?? [];
// The commit that wrote the newest version's heading: a tag may be missing in a clone.
const released = execFileSync('git', ['log', '-1', '--format=%H', '-S', heading, '--', FILE], { encoding: 'utf8' }).trim();

const generator = new ConventionalChangelog()
  .readPackage()
  .loadPreset({ name: 'conventionalcommits', types: TYPES })
  .context(isRelease ? {} : { version: 'Unreleased' })
  // The preset takes the scope up to the last bracket of a subject.
  .commits({ from: released }, { headerPattern: /^(\w*)(?:\(([^)]*)\))?!?: (.*)$/ });
const section = (await text(generator.writeStream())).trim();

if (isRelease) writeFileSync(FILE, `${before.slice(0, newest)}${section}\n\n${before.slice(newest)}`);
else process.stdout.write(`${section}\n`);
