import { ThreadlineError, toThreadlineError } from '../errors.ts';
import { type JsonObject, toJson } from '../json.ts';
import type { Frame, Outcome, RunStep, StepEvent, StepPlan, StepPorts } from '../plan.ts';
import type { EnginePorts } from './ports.ts';

/** The call of a step's provider, with the step's keywords around it. */
export function wrapStep(step: StepPlan, ports: EnginePorts, emit: (event: StepEvent) => void): RunStep {
  const { now, random, sleep } = ports;
  const stepPorts: StepPorts = { step: step.name, now, random, sleep, emit };
  const call: RunStep = (frame) => callProvider(step, frame, ports);
  return step.wraps.reduceRight<RunStep>((next, wrap) => wrap(next, stepPorts), call);
}

async function callProvider(step: StepPlan, frame: Frame, ports: EnginePorts): Promise<Outcome> {
  try {
    const { type, config, params } = step.provider;
    const results = await ports.call({
      step: step.name,
      path: frame.path,
      item: frame.item,
      provider: type,
      config: config?.(frame.scope) ?? null,
      params: params(frame.scope) as JsonObject,
      signal: frame.signal,
    });
    return { status: 'succeeded', results: toJson(results), attempts: 1 };
  } catch (thrown) {
    // Whatever a provider makes of an abort, the step ended because of what aborted it.
    const error = frame.signal.aborted ? toThreadlineError(frame.signal.reason, 'cancelled') : toThreadlineError(thrown);
    return { status: 'failed', results: null, error: withDetails(error, thrown), attempts: 1 };
  }
}

/** Keeps what the provider knew (thread and run ids) on the error that says why it had to stop. */
function withDetails(error: ThreadlineError, thrown: unknown): ThreadlineError {
  if (error === thrown || !(thrown instanceof ThreadlineError) || !thrown.details) return error;
  const { code, message, hint, retryable, details } = error;
  return new ThreadlineError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    retryable,
    details: { ...thrown.details, ...details },
    cause: thrown,
  });
}
