import type { EventOrigin, Question, RunEvent } from '../plan/event.ts';
import type { ProviderCall, ProviderPlace } from '../plan/plan.ts';
import { reportOf, ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import { type Json, type JsonObject, toJson } from '../shared/json/json.ts';
import type { Stubs } from './stub-file.ts';
import { type MakeAnswer, StubSet } from './stub-set.ts';

type CallEvent = Extract<RunEvent, { type: 'provider-called' }>;

/** Facts about a call for its stub. */
export interface StubbedCall {
  /** The call has no effects outside the run. */
  isLocal: boolean;
  /** Throws `invalid_params` if the provider is installed and the parameters are invalid. */
  check(): void;
  /** Asks the provider itself. */
  ask(): Promise<Json>;
  emit(event: Omit<CallEvent, 'at'>): void;
}

export interface StubOptions {
  stubs: Stubs | undefined;
  /** No provider is called; results without a stub are inferred. */
  isDryRun: boolean;
  /** Types that are installed. */
  installed: ReadonlySet<string>;
  /** Inferred results for a step without a stub, from what later templates read. */
  guess(step: string): Json;
}

/** Stands between the steps of a run, and of the workflows that it calls, and their providers. */
export class StubbedRun {
  private readonly stubs: StubSet;
  private readonly isDryRun: boolean;
  private readonly installed: ReadonlySet<string>;
  private readonly guess: StubOptions['guess'];
  /** Placeholders for secrets that are not set, by text. */
  private readonly standIns = new Map<string, string>();

  /** Throws `invalid_config` when a stub has a mistake. */
  constructor({ stubs, isDryRun, installed, guess }: StubOptions) {
    this.stubs = new StubSet(stubs ?? {});
    this.isDryRun = isDryRun;
    this.installed = installed;
    this.guess = guess;
    const [problem] = this.stubs.problems;
    if (problem) throw new ThreadlineError('invalid_config', `Stub \`${problem.path.join('.')}\`: ${problem.message}.`);
  }

  covers({ provider, step }: Pick<ProviderPlace, 'provider' | 'step'>): boolean {
    return this.isDryRun || this.stubs.find(provider, step, this.installed.has(provider)) !== undefined;
  }

  /** A secret that is not set does not matter as long as no real provider is called with it. */
  standInFor(secret: string): string {
    const text = `secret ${secret} is not set`;
    this.standIns.set(text, secret);
    return text;
  }

  /** Throws `missing_credentials` when something that goes to a real provider holds a secret that is not set. */
  refuseStandIns(data: Json): void {
    if (this.standIns.size === 0) return;
    const text = JSON.stringify(data);
    for (const [standIn, secret] of this.standIns) {
      if (!text.includes(JSON.stringify(standIn).slice(1, -1))) continue;
      throw new ThreadlineError('missing_credentials', `A secret is not set: \`${secret}\`.`, {
        hint: `Set the environment variable ${secret}, or stub the step.`,
      });
    }
  }

  /** The stub's answer to a question for a person. */
  answerQuestion(question: Question): Json | undefined {
    return this.stubs.questions?.take()?.({ params: toJson(question), item: null });
  }

  /** Answers a call, and reports it. */
  async answer(call: ProviderCall, { isLocal, check, ask, emit }: StubbedCall): Promise<Json> {
    const { provider, item } = call;
    const list = this.stubs.find(provider, callerOf(call), this.installed.has(provider));
    const stubbed = list !== undefined || (this.isDryRun && !isLocal);
    const origin: EventOrigin = item === undefined ? { step: call.step } : { step: call.step, item };
    const shown = {
      ...origin,
      ...(call.tool === undefined ? {} : { tool: call.tool }),
      provider,
      params: toJson(call.params) as JsonObject,
    };
    const event = { type: 'provider-called', ...shown, stubbed } as const;
    try {
      const results = stubbed ? await this.stubbed(call, list?.take(), check) : await this.real(call, ask);
      emit({ ...event, results: toJson(results) });
      return results;
    } catch (thrown) {
      emit({ ...event, error: reportOf(toThreadlineError(thrown)) });
      throw thrown;
    }
  }

  private async stubbed(call: ProviderCall, answer: MakeAnswer | undefined, check: () => void): Promise<Json> {
    call.signal.throwIfAborted();
    check();
    if (!answer) return this.guess(callerOf(call));
    return answer({ params: toJson(call.params) as JsonObject, item: call.item ?? null });
  }

  private async real(call: ProviderCall, ask: () => Promise<Json>): Promise<Json> {
    this.refuseStandIns(toJson(call.params));
    return ask();
  }
}

/** The step's own name, without the groups and items that it runs in; `triage/recent_deploys` for a function. */
function callerOf({ step, tool }: ProviderCall): string {
  const own = step.slice(step.lastIndexOf('/') + 1);
  return tool === undefined ? own : `${own}/${tool}`;
}
