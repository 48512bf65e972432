import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type JSONRPCMessage, ReadBuffer, serializeMessage, type Transport } from './sdk.ts';

/** The variables that a server gets from our environment: enough to find programs and files, and no secrets. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'TERM'];

/** The time that a server gets to end by itself once its input has ended. */
const LEAVE_MS = 500;
/** The time that it gets to end after SIGTERM. */
const TERMINATE_MS = 2000;
/** The time for its last output after SIGKILL: a process that left the group may hold its pipes for ever. */
const LAST_WORDS_MS = 1000;
/** Longer than what is shown, so that no secret is cut in two before it is masked. */
const STDERR_LENGTH = 8192;

/**
 * Talks to a server that is a child process, line by line. The SDK's own transport ends only the process that it started, and
 * behind `npx` or `uvx` the server is a child of that one; here it leads a process group, which ends as a whole.
 */
export class ServerProcess implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** The end of its stderr. */
  stderr = '';
  /** How it ended, `exit code 1` or `SIGKILL`; undefined while it runs. */
  ending: string | undefined;
  private readonly command: readonly string[];
  private readonly env: Readonly<Record<string, string>>;
  private readonly received = new ReadBuffer();
  private readonly ended = Promise.withResolvers<void>();
  private child: ChildProcessWithoutNullStreams | undefined;
  private closing: Promise<void> | undefined;

  constructor(command: readonly string[], env: Readonly<Record<string, string>>) {
    this.command = command;
    this.env = env;
  }

  /** Rejects when the program does not exist. */
  async start(): Promise<void> {
    const [program = '', ...args] = this.command;
    const child = spawn(program, args, { env: environmentWith(this.env), stdio: 'pipe', detached: true });
    child.stdout.on('data', (chunk: Buffer) => this.receive(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-STDERR_LENGTH);
    });
    this.child = child;
    child.on('exit', (code, signal) => {
      this.ending = signal ?? `exit code ${code}`;
      // Ends processes that it started and left behind, too.
      void this.close();
    });
    // Emitted when nobody holds its pipes any more: all that it wrote has arrived.
    child.on('close', () => this.finish());
    // A server that no longer reads is useless; its ending tells more than the broken pipe.
    child.stdin.on('error', () => void this.close());
    await once(child, 'spawn');
    child.on('error', (error) => this.onerror?.(error));
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.child?.stdin.write(serializeMessage(message));
  }

  /** Ends the input, then sends SIGTERM to the process group, then SIGKILL. Resolves when the group has ended. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    if (this.child?.pid === undefined) return;
    this.child.stdin.end();
    if (await this.endsWithin(LEAVE_MS)) return;
    this.kill('SIGTERM');
    if (await this.endsWithin(TERMINATE_MS)) return;
    this.kill('SIGKILL');
    if (!(await this.endsWithin(LAST_WORDS_MS))) this.finish();
  }

  private receive(chunk: Buffer): void {
    try {
      this.received.append(chunk);
    } catch (error) {
      this.onerror?.(error as Error);
      void this.close();
      return;
    }
    while (this.receiveOne());
  }

  /** Handles one line; false when no whole line is left. */
  private receiveOne(): boolean {
    try {
      const message = this.received.readMessage();
      if (message) this.onmessage?.(message);
      return message !== null;
    } catch (error) {
      // A line that is not a message, such as a greeting, is skipped.
      this.onerror?.(error as Error);
      return true;
    }
  }

  private finish(): void {
    this.kill('SIGKILL');
    this.child?.stdout.destroy();
    this.child?.stderr.destroy();
    this.ended.resolve();
    const { onclose } = this;
    delete this.onclose;
    onclose?.();
  }

  private kill(signal: NodeJS.Signals): void {
    const pid = this.child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group has no process any more.
    }
  }

  private async endsWithin(limitMs: number): Promise<boolean> {
    const timeout = Promise.withResolvers<false>();
    const timer = setTimeout(timeout.resolve, limitMs, false);
    const hasEnded = await Promise.race([this.ended.promise.then(() => true), timeout.promise]);
    clearTimeout(timer);
    return hasEnded;
  }
}

function environmentWith(own: Readonly<Record<string, string>>): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(inherited), ...own };
}
