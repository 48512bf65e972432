import type { Frame, GroupPlan, Outcome, ProviderUse, RunStep, StepPlan, StepPorts } from '../plan/plan.ts';
import { toThreadlineError } from '../shared/errors/errors.ts';
import { type JsonObject, toJson } from '../shared/json/json.ts';
import type { EnginePorts, RunContext } from './ports.ts';

/** Wraps the step's provider call or group in the step's keywords. `name` is the step's name in events. */
export function wrapStep(
  step: StepPlan,
  name: string,
  { ports, emit }: RunContext,
  runGroup: (group: GroupPlan, frame: Frame) => Promise<Outcome>,
): RunStep {
  const { now, random, sleep, timer, alerts } = ports;
  const stepPorts: StepPorts = { step: name, now, random, sleep, timer, emit, alerts };
  const { group, provider } = step;
  const work: RunStep = async (frame) => {
    if (group) return runGroup(group, frame);
    return provider ? callProvider(name, provider, frame, ports) : { status: 'succeeded', results: null, attempts: 1 };
  };
  return step.wraps.reduceRight<RunStep>((next, wrap) => wrap(next, stepPorts), work);
}

async function callProvider(step: string, provider: ProviderUse, frame: Frame, ports: EnginePorts): Promise<Outcome> {
  let given: JsonObject | undefined;
  try {
    const { type, config } = provider;
    given = provider.params(frame.scope) as JsonObject;
    const params = { ...(provider.defaults?.(frame.scope) as JsonObject | undefined), ...given };
    const results = await ports.call({
      step,
      path: frame.path,
      item: frame.item,
      attempt: frame.attempt,
      provider: type,
      config: config?.(frame.scope) ?? null,
      params,
      signal: frame.signal,
      stopClock: frame.stopClock,
    });
    return { status: 'succeeded', results, attempts: 1, ...factsOf(given) };
  } catch (thrown) {
    return { status: 'failed', results: null, error: toThreadlineError(thrown), attempts: 1, ...factsOf(given) };
  }
}

/** Read after the call: templates among the parameters then show what they have given. */
const factsOf = (given: JsonObject | undefined): Pick<Outcome, 'facts'> =>
  given === undefined ? {} : { facts: { provider_parameters: toJson(given) } };
