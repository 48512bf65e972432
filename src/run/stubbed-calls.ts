import type { RunEvent } from '../plan/event.ts';
import { type CallHost, callProvider, checkParams } from '../provider/call.ts';
import type { CallPorts, StubbedRun } from '../stubs/stubbed-run.ts';

/** What answers in the place of providers, for steps and for functions. */
export function callWithStubs(stubbed: StubbedRun, host: CallHost, emit: (event: RunEvent) => void): CallHost['call'] {
  const ports: CallPorts = {
    async check(call) {
      const provider = await host.registry.load(call.provider);
      if (provider) checkParams(provider, call);
    },
    call: (call) => callProvider(call, stubbedHost),
    isLocal: async ({ provider, params }) => (await host.registry.load(provider))?.isLocal?.(params) === true,
    emit: (event) => emit({ at: new Date().toISOString(), ...event }),
  };
  const stubbedHost: CallHost = {
    ...host,
    answerQuestion: (question) => stubbed.answerQuestion(question),
    call: (call) => stubbed.answer(call, ports),
  };
  return stubbedHost.call;
}
