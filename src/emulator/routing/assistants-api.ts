import { badRequest } from '../base/api-error.ts';
import type { Route } from './route.ts';

const BETA = 'assistants=v2';

/** Routes that only clients of the second version may use. Whoever asks about a thread lets its runs go on. */
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
