import { spawnSync } from 'node:child_process';

export interface Measured {
  what: string;
  /** What the ratio or figure is of. */
  value: string;
  target: string;
  holds: boolean;
}

export const CLI = new URL('../dist/src/cli/main.js', import.meta.url).pathname;

/** The middle of several numbers. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Milliseconds of wall time that one Node process takes. Fails loudly when the process does. */
export function timeProcess(args: string[], cwd: string): number {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
  const took = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return took;
}

/** Median times of several processes, one of each in every round. */
export function timeInterleaved(commands: Record<string, string[]>, cwd: string, rounds = 21): Record<string, number> {
  const times: Record<string, number[]> = {};
  for (const args of Object.values(commands)) timeProcess(args, cwd);
  for (let round = 0; round < rounds; round++) {
    for (const [name, args] of Object.entries(commands)) {
      times[name] ??= [];
      times[name].push(timeProcess(args, cwd));
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
}

export const ratio = (value: number) => `${value.toFixed(2)}×`;
