import type OpenAI from 'openai';
import { type ProviderContext, ThreadlineError, withDeadline } from 'threadline/provider';
import type { ThreadStore } from 'threadline/runtime';
import { assertAnswered } from '../answer/answer.ts';
import type { Config } from '../contract/schema.ts';
import { adapt } from '../question/adapt.ts';
import type { Ask } from '../question/ask.ts';
import { userMessage } from '../question/items.ts';
import { type Mended, mend } from '../question/remedies.ts';
import { openClient } from '../routes/client.ts';
import type { ModelRoute } from '../routes/model-routes.ts';
import { Transcript } from '../thread/transcript.ts';
import type { Reply } from '../wires/wire.ts';
import { orFailure } from './finding.ts';

/** Enough for a word. */
const TOKENS = 16;
const LIMIT_MS = 60_000;

/** The outcome of a question. */
export interface Hello {
  /** Given where a model said something, be it cut off or a refusal. */
  reply: Reply | undefined;
  error: ThreadlineError | undefined;
  durationMs: number;
  /** What the server was seen to want otherwise. */
  mended: Mended[];
  /** The headers of the last answer, if there was one. */
  headers: Headers | undefined;
}

/** Says "Hello" over a route, once. Leaves nothing behind at the server. Throws only when the signal aborts. */
export async function sayHello(
  ask: Ask,
  route: ModelRoute,
  context: ProviderContext<Config>,
  signal: AbortSignal,
): Promise<Hello> {
  const startedAt = performance.now();
  const mended: Mended[] = [];
  let headers: Headers | undefined;
  const onAnswer = (seen: Headers) => {
    headers = seen;
  };
  const late = new ThreadlineError('timeout', `No answer came within ${LIMIT_MS / 1000} seconds.`);
  const outcome = await orFailure(
    withDeadline(LIMIT_MS, late, signal, async (limit) => {
      const client = await openClient(route.config, { maxRetries: 0, onAnswer, log: context.log });
      const store = await context.runtime.threads.store();
      return replyTo(ask, route, { client, store, signal: limit }, (one) => mended.push(one));
    }),
    signal,
  );
  const durationMs = Math.round(performance.now() - startedAt);
  const isFailure = outcome instanceof ThreadlineError;
  return { reply: isFailure ? undefined : outcome, error: isFailure ? outcome : undefined, durationMs, mended, headers };
}

interface HelloSession {
  client: OpenAI;
  store: ThreadStore;
  signal: AbortSignal;
}

/** Asks again as a step does where the server wants the same in other words; wishes are not left out. */
async function replyTo(ask: Ask, route: ModelRoute, given: HelloSession, onMended: (mended: Mended) => void): Promise<Reply> {
  const mended = new Set<string>();
  for (;;) {
    try {
      return await replyOnce(ask, route, given);
    } catch (thrown) {
      const remedy = mend(thrown, { ask, server: route.server, mended, isLenient: false });
      if (!remedy) throw thrown;
      onMended(remedy);
    }
  }
}

async function replyOnce(given: Ask, { wire, server }: ModelRoute, { client, store, signal }: HelloSession): Promise<Reply> {
  const thread = new Transcript({ store: undefined, tenant: 'doctor', metadata: {} });
  const warn = () => {};
  const items = [userMessage('Hello')];
  // Other findings report what the route cannot do.
  const { ask } = adapt({ ask: given, items }, { server, wire, isLenient: true, warn });
  try {
    const session = await wire.open({ client, server, ask, thread, store, upload: nothingIsUploaded, signal, warn });
    const reply = await session.send(items, {
      maxOutputTokens: Math.max(TOKENS, wire.least.max_completion_tokens ?? 0),
      toolChoice: ask.toolChoice,
      signal,
      onStarted: () => {},
      onText: () => {},
    });
    if (reply.status === 'requires_action') await session.closeOpenCalls([]);
    return isAnswer(reply) ? reply : assertAnswered(reply);
  } finally {
    await wire.discard?.({ client, server, store, thread });
  }
}

const nothingIsUploaded = (): Promise<never> => Promise.reject(new Error('a hello has no files'));

/** Whether the model was reached: sixteen tokens need not suffice for an answer. */
const isAnswer = ({ status }: Reply): boolean => ['completed', 'incomplete', 'refused', 'requires_action'].includes(status);
