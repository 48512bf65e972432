import { type Assistant, newAssistant, updateAssistant } from '../assistants/assistant.ts';
import { checkCreateAssistant, checkUpdateAssistant } from '../assistants/parameters.ts';
import { pageOf } from '../check/paging.ts';
import { assistantsApi } from '../routing/assistants-api.ts';
import { type ApiRequest, type Emulation, param, type Reply } from '../routing/route.ts';

const assistantOf = (request: ApiRequest, { store }: Emulation): Assistant => store.assistant(param(request, 'assistant_id'));

function keep(assistant: Assistant, { store }: Emulation): Reply {
  store.assistants.set(assistant.id, assistant);
  store.models.add(String(assistant.model));
  return { body: assistant };
}

function create({ body }: ApiRequest, emulation: Emulation): Reply {
  checkCreateAssistant(body);
  return keep(newAssistant(body), emulation);
}

const retrieve = (request: ApiRequest, emulation: Emulation): Reply => ({ body: assistantOf(request, emulation) });

function update(request: ApiRequest, emulation: Emulation): Reply {
  const assistant = assistantOf(request, emulation);
  checkUpdateAssistant(request.body);
  return keep(updateAssistant(assistant, request.body), emulation);
}

const list = ({ query }: ApiRequest, { store }: Emulation): Reply => ({ body: pageOf([...store.assistants.values()], query) });

function remove(request: ApiRequest, emulation: Emulation): Reply {
  const { id } = assistantOf(request, emulation);
  emulation.store.assistants.delete(id);
  return { body: { id, object: 'assistant.deleted', deleted: true } };
}

const ONE = '/assistants/{assistant_id}';

export const assistantRoutes = assistantsApi([
  { method: 'GET', template: '/assistants', handle: list },
  { method: 'POST', template: '/assistants', handle: create },
  { method: 'GET', template: ONE, handle: retrieve },
  { method: 'POST', template: ONE, handle: update },
  { method: 'DELETE', template: ONE, handle: remove },
]);
