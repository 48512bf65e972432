import type { JsonObject } from '../../shared/json/json.ts';
import { badRequest } from '../base/api-error.ts';
import { pause } from '../base/pause.ts';
import { integer } from '../check/checks.ts';
import { pageOf } from '../check/paging.ts';
import {
  checkResponseContext,
  featuresOfResponse,
  inputTokensOf,
  type ResponseContext,
  responseContext,
} from '../responses/context.ts';
import { outputOf } from '../responses/output.ts';
import { checkCountTokens, checkCreateResponse } from '../responses/parameters.ts';
import { type ApiRequest, type Emulation, param, type Reply, type Route } from '../routing/route.ts';
import { decide, type Pacing } from '../rules/answer.ts';
import { checkFilesOf, checkSourcesOfTools } from '../store/file-references.ts';
import type { Conversation, Store } from '../store/store.ts';
import { newResponse } from '../transcript/object.ts';
import { type Output, ResponseRun } from '../transcript/run.ts';

async function create(request: ApiRequest, { store, rules, latencyMs }: Emulation): Promise<Reply> {
  const { body, client } = request;
  checkCreateResponse(body);
  store.models.add(String(body.model));
  const context = responseContext(body, store);
  checkResponseContext(body, context);
  checkFilesOf(context.input, 'input', store);
  checkSourcesOfTools(body.tools, store);
  checkLock(context.conversation);
  const features = featuresOfResponse(body, context);
  const { content, pacing } = decide(features, rules, latencyMs);
  if (content.kind !== 'error') {
    const output = outputOf(content, { body, prompt: features.prompt, store });
    return start(newRun(body, context, output, pacing, store), body, pacing, client, store);
  }
  await pause(pacing.latencyMs, client);
  throw content.error;
}

function checkLock(conversation: Conversation | undefined): void {
  if (conversation?.lockedBy === undefined) return;
  const message = 'Another process is currently operating on this conversation. Please retry in a few seconds.';
  throw badRequest(message, null, 'conversation_locked');
}

function newRun(body: JsonObject, context: ResponseContext, output: Output, pacing: Pacing, store: Store): ResponseRun {
  const { conversation, history, input } = context;
  const response = newResponse(body, conversation?.id);
  const run = new ResponseRun({
    response,
    history,
    input,
    output,
    inputTokens: inputTokensOf(body, context),
    pacing,
    isStreamed: body.stream === true,
    onAnswer: (answered) => {
      conversation?.items.push(...answered.newItems());
      if (body.store !== false) store.responses.set(answered.id, answered);
    },
    onEnd: () => {
      if (conversation?.lockedBy === run.id) conversation.lockedBy = undefined;
    },
  });
  if (conversation) conversation.lockedBy = run.id;
  return run;
}

async function start(run: ResponseRun, body: JsonObject, pacing: Pacing, client: AbortSignal, store: Store): Promise<Reply> {
  const { cutAfter } = pacing;
  if (body.background === true) {
    store.responses.set(run.id, run);
    const queued = run.response;
    void run.playInBackground();
    return run.log ? { events: run.log.follow(-1, client), cutAfter } : { body: queued };
  }
  if (body.stream === true) return { events: run.play(client), cutAfter };
  for await (const _event of run.play(client));
  return { body: run.response };
}

function retrieve(request: ApiRequest, { store }: Emulation): Reply {
  const run = store.response(param(request, 'response_id'));
  if (request.query.get('stream') !== 'true') return { body: run.response };
  if (!run.log) throw badRequest('Only a response that was created with background and stream can be streamed.', 'stream');
  const startingAfter = Number(request.query.get('starting_after') ?? -1);
  integer(-1)(startingAfter, 'starting_after');
  return { events: run.log.follow(startingAfter, request.client) };
}

function remove(request: ApiRequest, { store }: Emulation): Reply {
  const run = store.response(param(request, 'response_id'));
  run.stop();
  store.responses.delete(run.id);
  return { body: { id: run.id, object: 'response', deleted: true } };
}

function cancel(request: ApiRequest, { store }: Emulation): Reply {
  const run = store.response(param(request, 'response_id'));
  run.cancel();
  return { body: run.response };
}

const listInputItems = (request: ApiRequest, { store }: Emulation): Reply => ({
  body: pageOf(store.response(param(request, 'response_id')).input, request.query),
});

function countInputTokens({ body }: ApiRequest, { store }: Emulation): Reply {
  checkCountTokens(body);
  return { body: { object: 'response.input_tokens', input_tokens: inputTokensOf(body, responseContext(body, store)) } };
}

export const responseRoutes: Route[] = [
  { method: 'POST', template: '/responses', asksModel: true, handle: create },
  { method: 'POST', template: '/responses/input_tokens', handle: countInputTokens },
  { method: 'GET', template: '/responses/{response_id}', handle: retrieve },
  { method: 'DELETE', template: '/responses/{response_id}', handle: remove },
  { method: 'POST', template: '/responses/{response_id}/cancel', handle: cancel },
  { method: 'GET', template: '/responses/{response_id}/input_items', handle: listInputItems },
];
