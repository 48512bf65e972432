import { uploadOnce } from '../knowledge/uploads.ts';
import { adapt, withoutFilesOf } from '../question/adapt.ts';
import type { Ask } from '../question/ask.ts';
import type { Item } from '../question/items.ts';
import { openClient, type RequestWishes } from '../routes/client.ts';
import type { ModelRoute } from '../routes/model-routes.ts';
import type { OpenOptions, Session } from '../wires/wire.ts';
import { buildAsk } from './build-ask.ts';
import { fileServerOf } from './prepare-files.ts';
import type { Turn } from './turn.ts';

/** A route with an open session, and the question as it can be put there. */
export interface OpenRoute {
  route: ModelRoute;
  ask: Ask;
  /** The messages that the turn begins with. */
  items: Item[];
  session: Session;
  /** Whether what the wire, the server or the model cannot do is left out with a warning, instead of refused. */
  isLenient: boolean;
}

/** Builds the question for a route, leaves out or refuses what cannot be done there, and opens the thread at its server. */
export async function openRoute(turn: Turn, route: ModelRoute): Promise<OpenRoute> {
  const { params, context, thread, store, unsaid, journal, signal } = turn;
  const { wire, server } = route;
  const warn = (message: string) => context.emit({ type: 'log', level: 'warning', message });
  const isLenient = route.isFallback || params.on_unsupported === 'warn';
  const whole = { ask: buildAsk(turn, route), items: unsaid };
  const reachable = route.isElsewhere ? withoutFilesOf(whole, server) : { question: whole, server };
  const { ask, items } = adapt(reachable.question, { wire, server: reachable.server, isLenient, warn });
  const client = await openClient(route.config, requestWishes(turn));
  const session = await wire.open({ client, server, ask, thread, store, upload: uploadAt(turn, route), signal, warn });
  if (!thread.isKnown && thread.id !== null) context.emit({ type: 'progress', message: `thread ${thread.id}` });
  if (thread.isKept) await journal.begin({ thread_id: thread.id, position: thread.length });
  return { route, ask, items, session, isLenient };
}

const uploadAt =
  (turn: Turn, route: ModelRoute): OpenOptions['upload'] =>
  async (content, purpose) =>
    (await uploadOnce(await fileServerOf(turn, route), content, purpose)).fileId;

/** Each request of a step has its own idempotency key, and keeps it when it is repeated. */
function requestWishes({ params: { max_retries: maxRetries }, context: { emit, log }, journal }: Turn): RequestWishes {
  return {
    log,
    ...(maxRetries === undefined ? {} : { maxRetries }),
    idempotencyKey: (path) => journal.keyFor(path),
    onRetry: ({ reason, attempt, delayMs }) =>
      emit({ type: 'progress', message: `attempt ${attempt} failed (${reason}): again in ${delayMs} ms` }),
    onWait: ({ reason, delayMs }) => emit({ type: 'progress', message: `waiting ${delayMs} ms: ${reason}` }),
  };
}
