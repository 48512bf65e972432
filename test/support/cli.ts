import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
/** The built command line. Where coverage is measured, its sources: lines of a bundle cannot be told apart. */
export const MAIN = process.env.NODE_V8_COVERAGE
  ? ['--conditions=threadline-source', join(ROOT, 'src/cli/main.ts')]
  : [join(ROOT, 'dist/src/cli/main.js')];

export type Files = Record<string, string>;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A temporary folder with these files; gone when the tests of the file have ended. */
export function folderWith(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'threadline-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  folders.push(folder);
  return folder;
}

export interface CliOptions {
  files?: Files;
  /** Instead of `files`: a folder that is there already. */
  folder?: string;
  /** All that the child gets, beside PATH: nothing of ours reaches it. */
  env?: Record<string, string>;
  stdin?: string;
  nodeOptions?: string[];
}

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  folder: string;
}

export interface RunningCli {
  folder: string;
  ended: Promise<CliResult>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the text has been written to stdout or stderr; rejects when the process ends without it. */
  says(text: string): Promise<void>;
  /** Closes our end of its stdout, as `head` does. */
  closeStdout(): void;
}

/** Starts the built command line. */
export function startCli(args: string[], options: CliOptions = {}): RunningCli {
  const folder = options.folder ?? folderWith(options.files ?? {});
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), ...MAIN, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...options.env },
  });
  const listeners = new Set<() => void>();
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const listen of listeners) listen();
    });
  }
  // A child that ends without reading closes the pipe under us.
  child.stdin.on('error', () => undefined).end(options.stdin ?? '');
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...output, folder }));
  });
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (output.stdout.includes(text) || output.stderr.includes(text)) resolve();
      };
      listeners.add(look);
      look();
      ended.then(() => reject(new Error(`never said: ${text}\n${output.stdout}${output.stderr}`)), reject);
    });
  return { folder, ended, kill: (signal) => child.kill(signal), says, closeStdout: () => child.stdout.destroy() };
}

/** Runs the built command line to its end. */
export const cli = (args: string[], options: CliOptions = {}): Promise<CliResult> => startCli(args, options).ended;
