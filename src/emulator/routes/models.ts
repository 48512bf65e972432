import type { JsonObject } from '../../shared/json/json.ts';
import { type ApiRequest, type Emulation, param, type Reply, type Route } from '../routing/route.ts';

/** Every requested model exists, so that no list must be kept up to date. */
const NAMED_BY_NOBODY = 'emulated-model';

const model = (id: string): JsonObject => ({ id, object: 'model', created: 0, owned_by: 'threadline-emulator' });

const list = (_request: ApiRequest, { store }: Emulation): Reply => ({
  body: { object: 'list', data: [NAMED_BY_NOBODY, ...store.models].map(model) },
});

const retrieve = (request: ApiRequest): Reply => ({ body: model(param(request, 'model')) });

export const modelRoutes: Route[] = [
  { method: 'GET', template: '/models', handle: list },
  { method: 'GET', template: '/models/{model}', handle: retrieve },
];
