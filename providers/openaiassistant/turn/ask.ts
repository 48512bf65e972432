import { durationMs, type Json, type ProviderContext, ThreadlineError, withDeadline } from 'threadline/provider';
import type { Config, Params } from '../contract/schema.ts';
import { type ModelRoute, routesOf } from '../routes/model-routes.ts';
import { isFaultOfAuthor } from '../tools/broken-function.ts';
import { requireModel } from './build-ask.ts';
import { Conversation } from './conversation.ts';
import { openRoute } from './open-route.ts';
import { withTurn } from './open-turn.ts';
import type { Turn } from './turn.ts';

const TIMEOUT_MS = 600_000;

/** Asks an assistant: sends the prompt, runs what functions it calls, and hands on an answer that fits. */
export async function ask(params: Params, context: ProviderContext<Config>): Promise<Json> {
  const limitMs = durationMs(params.timeout ?? '') ?? TIMEOUT_MS;
  // `timeout` covers the whole turn, function calls included; the step's own limits hold too.
  const late = new ThreadlineError('timeout', `The assistant took longer than ${limitMs / 1000} seconds.`, {
    hint: 'Raise `timeout` in its parameters.',
  });
  return withDeadline(limitMs, late, context.signal, async (signal) => {
    signal.throwIfAborted();
    const routes = routesOf(params, context.config);
    return withTurn({ params, context, signal }, routes[0], (turn) => askOverRoutes(routes, turn));
  });
}

/** Failures of the route, not of the question: another route may work. */
const WORTH_ANOTHER_ROUTE = new Set([
  'connection_failed',
  'server_error',
  'rate_limit',
  'quota_exceeded',
  'authentication_failed',
  'missing_credentials',
  'not_found',
  'run_failed',
  'unsupported',
]);

/** Tries one route after the other; a step that is resumed goes straight to the one that it had come to. */
async function askOverRoutes(routes: readonly ModelRoute[], turn: Turn): Promise<Json> {
  const { context, fallbacks, journal } = turn;
  // A fallback that lacks its model is refused before the first route is paid for.
  for (const route of routes) requireModel(turn, route);
  for (const [index, route] of routes.entries()) {
    const failedBefore = await journal.failedBefore(index, fallbacks);
    if (failedBefore) {
      fallbacks.push(...failedBefore.slice(fallbacks.length, index + 1));
      continue;
    }
    try {
      return await new Conversation(turn, await openRoute(turn, route)).run();
    } catch (thrown) {
      const next = routes[index + 1];
      if (!next || !isWorthAnotherRoute(thrown, turn)) throw thrown;
      fallbacks.push({ wire: route.wire.name, server: route.server.host, error: { code: thrown.code, message: thrown.message } });
      const message = `${thrown.message} Falling back to ${next.wire.name} at ${next.server.host}.`;
      context.emit({ type: 'log', level: 'warning', message });
    }
  }
  throw new ThreadlineError('internal', 'No route is left to ask over.');
}

const isWorthAnotherRoute = (thrown: unknown, { signal }: Turn): thrown is ThreadlineError =>
  !signal.aborted && thrown instanceof ThreadlineError && WORTH_ANOTHER_ROUTE.has(thrown.code) && !isFaultOfAuthor(thrown);
