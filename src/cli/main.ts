#!/usr/bin/env -S node --
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`threadline needs Node.js 22.19 or later; this is ${process.versions.node}.\n`);
  process.exitCode = 3;
} else {
  // Before anything else is read: the second start takes compiled code from the cache.
  module.enableCompileCache();
  const { main } = await import('./commands/index.ts');
  process.exitCode = await main(process.argv.slice(2));
  // Exit explicitly, because a provider that ignores its cancellation keeps the process alive; flush the output first.
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}
