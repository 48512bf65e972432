import { badRequest } from '../base/api-error.ts';
import { type ApiRequest, type Emulation, param, type Route } from './route.ts';

const BETA = 'assistants=v2';

/** The thread that the request's path names. */
export const threadOf = (request: ApiRequest, { store }: Emulation) => store.thread(param(request, 'thread_id'));

/** Routes for clients of version 2 of the API. Every request about a thread lets its runs continue. */
export const assistantsApi = (routes: Route[]): Route[] =>
  routes.map((route) => ({
    ...route,
    handle: (request, emulation) => {
      checkBeta(request.headers);
      emulation.store.threads.get(request.params.thread_id ?? '')?.look();
      return route.handle(request, emulation);
    },
  }));

function checkBeta(headers: Record<string, string>): void {
  const given = headers['openai-beta']?.split(',').map((feature) => feature.trim()) ?? [];
  if (given.includes(BETA)) return;
  throw badRequest(`The Assistants API needs the header 'OpenAI-Beta: ${BETA}'.`, null, 'invalid_beta');
}
