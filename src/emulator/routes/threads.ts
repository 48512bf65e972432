import { isObject } from '../../shared/json/json.ts';
import { newMessage } from '../assistants/messages.ts';
import { checkCreateMessage, checkCreateThread, checkMetadata, checkUpdateThread } from '../assistants/parameters.ts';
import { newThread } from '../assistants/thread.ts';
import { pageOf } from '../check/paging.ts';
import { assistantsApi, threadOf } from '../routing/assistants-api.ts';
import { type ApiRequest, type Emulation, param, type Reply } from '../routing/route.ts';

function create({ body }: ApiRequest, { store }: Emulation): Reply {
  checkCreateThread(body);
  const thread = newThread(body);
  store.threads.set(thread.id, thread);
  return { body: thread.object };
}

const retrieve = (request: ApiRequest, emulation: Emulation): Reply => ({ body: threadOf(request, emulation).object });

function update(request: ApiRequest, emulation: Emulation): Reply {
  const thread = threadOf(request, emulation);
  checkUpdateThread(request.body);
  thread.update(request.body);
  return { body: thread.object };
}

function remove(request: ApiRequest, emulation: Emulation): Reply {
  const thread = threadOf(request, emulation);
  thread.stop();
  emulation.store.threads.delete(thread.id);
  return { body: { id: thread.id, object: 'thread.deleted', deleted: true } };
}

function createMessage(request: ApiRequest, emulation: Emulation): Reply {
  const thread = threadOf(request, emulation);
  checkCreateMessage(request.body);
  thread.checkTakesMessages();
  const message = newMessage(request.body, thread.id);
  thread.messages.put(message);
  return { body: message };
}

function listMessages(request: ApiRequest, emulation: Emulation): Reply {
  const { all } = threadOf(request, emulation).messages;
  const run = request.query.get('run_id');
  return { body: pageOf(run === null ? all : all.filter(({ run_id: id }) => id === run), request.query) };
}

const retrieveMessage = (request: ApiRequest, emulation: Emulation): Reply => ({
  body: threadOf(request, emulation).messages.find(param(request, 'message_id')),
});

function updateMessage(request: ApiRequest, emulation: Emulation): Reply {
  const { messages } = threadOf(request, emulation);
  const message = messages.find(param(request, 'message_id'));
  checkMetadata(request.body);
  const { metadata } = request.body;
  const updated = { ...message, ...(metadata === undefined ? {} : { metadata: isObject(metadata) ? metadata : {} }) };
  messages.put(updated);
  return { body: updated };
}

function removeMessage(request: ApiRequest, emulation: Emulation): Reply {
  const { messages } = threadOf(request, emulation);
  const { id } = messages.find(param(request, 'message_id'));
  messages.remove(id);
  return { body: { id, object: 'thread.message.deleted', deleted: true } };
}

const ONE = '/threads/{thread_id}';
const MESSAGES = `${ONE}/messages`;

export const threadRoutes = assistantsApi([
  { method: 'POST', template: '/threads', handle: create },
  { method: 'GET', template: ONE, handle: retrieve },
  { method: 'POST', template: ONE, handle: update },
  { method: 'DELETE', template: ONE, handle: remove },
  { method: 'GET', template: MESSAGES, handle: listMessages },
  { method: 'POST', template: MESSAGES, handle: createMessage },
  { method: 'GET', template: `${MESSAGES}/{message_id}`, handle: retrieveMessage },
  { method: 'POST', template: `${MESSAGES}/{message_id}`, handle: updateMessage },
  { method: 'DELETE', template: `${MESSAGES}/{message_id}`, handle: removeMessage },
]);
