import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { badRequest, missing, notFound } from '../base/api-error.ts';
import { type Check, checkParameters, list, metadata, object } from '../check/checks.ts';
import { pageOf } from '../check/paging.ts';
import { type ApiRequest, type Emulation, param, type Reply, type Route } from '../routing/route.ts';
import { checkFilesOf } from '../store/file-references.ts';
import type { Conversation, Store } from '../store/store.ts';
import { type Item, toItems } from '../transcript/items.ts';

const MAXIMUM_ITEMS_PER_REQUEST = 20;

const items: Check = list(object, MAXIMUM_ITEMS_PER_REQUEST);

function newItems(given: Json | undefined, store: Store): Item[] {
  const added = toItems(given, 'items', (id) => store.item(id));
  checkFilesOf(added, 'items', store);
  return added;
}

const conversationOf = (request: ApiRequest, { store }: Emulation): Conversation =>
  store.conversation(param(request, 'conversation_id'));

const resource = ({ id, createdAt, metadata: pairs }: Conversation): JsonObject => ({
  id,
  object: 'conversation',
  created_at: createdAt,
  metadata: pairs,
});

function create({ body }: ApiRequest, { store }: Emulation): Reply {
  checkParameters(body, { metadata, items });
  const pairs = isObject(body.metadata) ? body.metadata : {};
  return { body: resource(store.createConversation(pairs, newItems(body.items, store))) };
}

const retrieve = (request: ApiRequest, emulation: Emulation): Reply => ({ body: resource(conversationOf(request, emulation)) });

function update(request: ApiRequest, emulation: Emulation): Reply {
  const conversation = conversationOf(request, emulation);
  checkParameters(request.body, { metadata });
  if (request.body.metadata === undefined) throw missing('metadata');
  conversation.metadata = isObject(request.body.metadata) ? request.body.metadata : {};
  return { body: resource(conversation) };
}

function remove(request: ApiRequest, emulation: Emulation): Reply {
  const { id } = conversationOf(request, emulation);
  emulation.store.conversations.delete(id);
  return { body: { id, object: 'conversation.deleted', deleted: true } };
}

const listItems = (request: ApiRequest, emulation: Emulation): Reply => ({
  body: pageOf(conversationOf(request, emulation).items, request.query),
});

function addItems(request: ApiRequest, emulation: Emulation): Reply {
  const conversation = conversationOf(request, emulation);
  checkParameters(request.body, { items }, ['items']);
  const added = newItems(request.body.items, emulation.store);
  const known = new Set(conversation.items.map(({ id }) => id));
  const duplicate = added.find(({ id }) => known.has(id));
  if (duplicate) throw badRequest(`Item with id '${duplicate.id}' is already in the conversation.`, 'items');
  conversation.items.push(...added);
  return { body: pageOf(added, new URLSearchParams({ order: 'asc' })) };
}

function findItem(request: ApiRequest, emulation: Emulation): { conversation: Conversation; item: Item } {
  const conversation = conversationOf(request, emulation);
  const id = param(request, 'item_id');
  const item = conversation.items.find((candidate) => candidate.id === id);
  if (!item) throw notFound(`Item with id '${id}' not found.`);
  return { conversation, item };
}

const retrieveItem = (request: ApiRequest, emulation: Emulation): Reply => ({ body: findItem(request, emulation).item });

function removeItem(request: ApiRequest, emulation: Emulation): Reply {
  const { conversation, item } = findItem(request, emulation);
  conversation.items = conversation.items.filter((candidate) => candidate !== item);
  return { body: resource(conversation) };
}

const ONE = '/conversations/{conversation_id}';

export const conversationRoutes: Route[] = [
  { method: 'POST', template: '/conversations', handle: create },
  { method: 'GET', template: ONE, handle: retrieve },
  { method: 'POST', template: ONE, handle: update },
  { method: 'DELETE', template: ONE, handle: remove },
  { method: 'GET', template: `${ONE}/items`, handle: listItems },
  { method: 'POST', template: `${ONE}/items`, handle: addItems },
  { method: 'GET', template: `${ONE}/items/{item_id}`, handle: retrieveItem },
  { method: 'DELETE', template: `${ONE}/items/{item_id}`, handle: removeItem },
];
