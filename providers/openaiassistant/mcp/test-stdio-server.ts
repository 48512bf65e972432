// A server that tests start. Its first argument says how it behaves; LIFELINE is a port of the test's, to which it holds a
// connection for as long as it lives, over which it says `hanging` and `cancelled`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { type Listing, makeToolServer, TOOLS, toolNamed } from './test-tools.ts';

const [, script = '', behaviour = 'plain'] = process.argv;

if (behaviour === 'behind-a-wrapper') {
  // As `npx` does: stays until its child has ended, and passes nothing on.
  process.on('SIGTERM', () => {});
  await once(spawn(process.execPath, [script, 'stubborn'], { stdio: 'inherit' }), 'exit');
  process.exit();
}
if (behaviour === 'dies') {
  process.stderr.write(`${'x'.repeat(100_000)}\ncannot read token ${process.env.TOKEN}\n`);
  process.exit(7);
}
if (process.env.LIFELINE) {
  const lifeline = connect(Number(process.env.LIFELINE), '127.0.0.1');
  await once(lifeline, 'connect');
  lifeline.write('alive\n');
  if (behaviour !== 'stubborn') lifeline.unref();
  else process.on('SIGTERM', () => lifeline.write('asked to end\n'));
  if (behaviour === 'mute') {
    process.stderr.write('waiting for a sign-in\n');
    process.stdin.resume();
  } else await serve((word) => lifeline.write(`${word}\n`));
} else await serve(() => {});

async function serve(tell: (word: string) => void): Promise<void> {
  const listings: Record<string, Listing> = {
    endless: { isEndless: true },
    many: { tools: Array.from({ length: 129 }, (_, index) => toolNamed(`tool_${index}`)), pageSize: 50 },
  };
  const crashing = { tools: [...TOOLS, toolNamed('crash')] };
  const made = makeToolServer(listings[behaviour] ?? crashing, {
    crash: () => {
      process.stderr.write('out of luck\n');
      process.exit(3);
    },
  });
  made.onHang = () => tell('hanging');
  made.onCancel = () => tell('cancelled');
  if (behaviour === 'chatty') process.stdout.write('Welcome to the server!\n');
  await made.server.connect(new StdioServerTransport());
}
