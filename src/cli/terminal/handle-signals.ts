import { ThreadlineError } from '../../shared/errors/errors.ts';
import { startTimer } from '../../shared/time/timer.ts';

interface Ending {
  /** Cancels the run. */
  signal: AbortSignal;
  /** Lets the run leave the process. */
  drain: AbortSignal;
  release(): void;
}

/**
 * The first Ctrl-C, or the deadline, cancels the run and its requests. SIGTERM lets running steps finish if the run is stored
 * and can resume later. A second signal ends the process at once.
 */
export function handleSignals(timeoutMs: number | undefined, isKept: boolean): Ending {
  const [controller, drain] = [new AbortController(), new AbortController()];
  const asked = new Set<string>();
  const ask = (what: string, say: string, work: () => void) => {
    if (asked.has(what)) process.exit(130);
    asked.add(what);
    process.stderr.write(`\n${say}\n`);
    work();
  };
  const cancel = () =>
    ask('cancel', 'Cancelling. Press Ctrl-C again to exit now.', () =>
      controller.abort(new ThreadlineError('cancelled', 'The run was cancelled.')),
    );
  const leave = () =>
    ask('leave', 'Draining: running steps finish, no new ones start. Send SIGTERM again to exit now.', () => drain.abort());
  // An unhandled rejection of a provider fails the run, with its handler and its report, instead of the process.
  const fail = (thrown: unknown) => {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    controller.abort(new ThreadlineError('step_failed', `A provider failed outside its step: ${message}`, { cause: thrown }));
  };
  const term = isKept ? leave : cancel;
  const listeners = { SIGINT: cancel, SIGTERM: term, SIGHUP: cancel, uncaughtException: fail, unhandledRejection: fail };
  for (const [name, listener] of Object.entries(listeners)) process.on(name, listener);
  const expire = () => controller.abort(new ThreadlineError('timeout', 'The run took longer than its `--timeout`.'));
  const stopTimer = timeoutMs === undefined ? undefined : startTimer(timeoutMs, expire);
  const release = () => {
    stopTimer?.();
    for (const [name, listener] of Object.entries(listeners)) process.off(name, listener);
  };
  return { signal: controller.signal, drain: drain.signal, release };
}

/** Sends a provider's prints to stderr, because stdout carries only the result. */
export function redirectConsole(): void {
  const { Console } = process.getBuiltinModule('node:console');
  globalThis.console = new Console(process.stderr, process.stderr);
}
