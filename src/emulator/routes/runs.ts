import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { AssistantRun, type Round } from '../assistants/assistant-run.ts';
import { newMessage } from '../assistants/messages.ts';
import { checkCreateRun, checkCreateThreadAndRun, checkMetadata, checkSubmitToolOutputs } from '../assistants/parameters.ts';
import { checkRunContext, featuresOfRun, promptTokensOfRun, type RunContext, runContextOf } from '../assistants/run-features.ts';
import { newRunObject } from '../assistants/run-object.ts';
import { tell } from '../assistants/run-record.ts';
import { newThread, type Thread } from '../assistants/thread.ts';
import { type ApiError, notFound } from '../base/api-error.ts';
import { EventLog } from '../base/event-log.ts';
import { pause } from '../base/pause.ts';
import { objectsIn } from '../base/request-json.ts';
import { pageOf } from '../check/paging.ts';
import { assistantsApi, threadOf } from '../routing/assistants-api.ts';
import { type ApiRequest, type Emulation, param, type Reply } from '../routing/route.ts';
import { decide } from '../rules/answer.ts';

/** Polling interval for OpenAI's clients, which otherwise wait for five seconds. */
const POLL_AFTER_MS = 50;

const runOf = (request: ApiRequest, emulation: Emulation): AssistantRun =>
  threadOf(request, emulation).run(param(request, 'run_id'));

function createThreadAndRun(request: ApiRequest, emulation: Emulation): Reply | Promise<Reply> {
  checkCreateThreadAndRun(request.body);
  const thread = newThread(isObject(request.body.thread) ? request.body.thread : {});
  return createOn(thread, request, emulation, [tell('thread.created', thread.object)]);
}

function create(request: ApiRequest, emulation: Emulation): Reply | Promise<Reply> {
  const thread = threadOf(request, emulation);
  checkCreateRun(request.body);
  thread.checkTakesRuns();
  return createOn(thread, request, emulation, []);
}

function createOn(thread: Thread, request: ApiRequest, emulation: Emulation, opening: JsonObject[]): Reply | Promise<Reply> {
  const { body } = request;
  const { store } = emulation;
  const added = objectsIn(body.additional_messages).map((message) => newMessage(message, thread.id));
  const object = newRunObject(body, store.assistant(String(body.assistant_id)), thread.id);
  const context = runContextOf(object, [...thread.messages.all, ...added]);
  checkRunContext(context);
  store.models.add(String(object.model));
  return ask(context, request, emulation, (round) => {
    store.threads.set(thread.id, thread);
    for (const message of added) thread.messages.put(message);
    const run = new AssistantRun(object, thread.messages);
    thread.runs.push(run);
    run.begin(round, opening);
    return run;
  });
}

function submitToolOutputs(request: ApiRequest, emulation: Emulation): Reply | Promise<Reply> {
  const thread = threadOf(request, emulation);
  const run = runOf(request, emulation);
  checkSubmitToolOutputs(request.body);
  const outputs = objectsIn(request.body.tool_outputs);
  run.checkOutputs(outputs);
  return ask(runContextOf(run.object, thread.messages.all, outputs), request, emulation, (round) => {
    run.resume(outputs, round);
    return run;
  });
}

/** Starts a run with the answer of the rules. Waits only for errors of the rules. */
function ask(
  context: RunContext,
  { path, body, client }: ApiRequest,
  { rules, latencyMs }: Emulation,
  go: (round: Round) => AssistantRun,
): Reply | Promise<Reply> {
  const { content, pacing, expires } = decide(featuresOfRun(context, path), rules, latencyMs);
  if (content.kind === 'error') return refuse(content.error, pacing.latencyMs, client);
  const log = body.stream === true ? new EventLog() : undefined;
  const run = go({ answer: content, pacing, expires, promptTokens: promptTokensOfRun(context), log });
  if (!log) return { body: run.object };
  return {
    events: log.follow(-1, client),
    cutAfter: pacing.cutAfter,
    frame: namedFrame,
    ending: 'event: done\ndata: [DONE]\n\n',
  };
}

async function refuse(error: ApiError, latencyMs: number, client: AbortSignal): Promise<Reply> {
  await pause(latencyMs, client);
  throw error;
}

const namedFrame = ({ event, data }: JsonObject): string => `event: ${String(event)}\ndata: ${JSON.stringify(data)}\n\n`;

const retrieve = (request: ApiRequest, emulation: Emulation): Reply => ({
  body: runOf(request, emulation).object,
  headers: { 'openai-poll-after-ms': String(POLL_AFTER_MS) },
});

function update(request: ApiRequest, emulation: Emulation): Reply {
  const run = runOf(request, emulation);
  checkMetadata(request.body);
  if (request.body.metadata !== undefined) run.update(request.body.metadata ?? {});
  return { body: run.object };
}

const list = (request: ApiRequest, emulation: Emulation): Reply => ({
  body: pageOf(
    threadOf(request, emulation).runs.map(({ object }) => object),
    request.query,
  ),
});

function cancel(request: ApiRequest, emulation: Emulation): Reply {
  const run = runOf(request, emulation);
  run.cancel();
  return { body: run.object };
}

const listSteps = (request: ApiRequest, emulation: Emulation): Reply => ({
  body: pageOf(runOf(request, emulation).steps, request.query),
});

function retrieveStep(request: ApiRequest, emulation: Emulation): Reply {
  const id = param(request, 'step_id');
  const step = runOf(request, emulation).steps.find((candidate) => candidate.id === id);
  if (!step) throw notFound(`No run step found with id '${id}'.`);
  return { body: step };
}

const RUNS = '/threads/{thread_id}/runs';
const ONE = `${RUNS}/{run_id}`;

export const runRoutes = assistantsApi([
  { method: 'POST', template: '/threads/runs', asksModel: true, handle: createThreadAndRun },
  { method: 'GET', template: RUNS, handle: list },
  { method: 'POST', template: RUNS, asksModel: true, handle: create },
  { method: 'GET', template: ONE, handle: retrieve },
  { method: 'POST', template: ONE, handle: update },
  { method: 'POST', template: `${ONE}/cancel`, handle: cancel },
  { method: 'POST', template: `${ONE}/submit_tool_outputs`, asksModel: true, handle: submitToolOutputs },
  { method: 'GET', template: `${ONE}/steps`, handle: listSteps },
  { method: 'GET', template: `${ONE}/steps/{step_id}`, handle: retrieveStep },
]);
