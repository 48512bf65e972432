import { notFound } from '../base/api-error.ts';
import { type ApiRequest, type Emulation, param, type Reply, type Route } from '../routing/route.ts';

function download(request: ApiRequest, { store }: Emulation): Reply {
  const id = param(request, 'file_id');
  const file = store.containerFiles.get(id);
  if (file?.containerId !== param(request, 'container_id')) throw notFound(`Container file with id '${id}' not found.`);
  return { bytes: file.bytes };
}

/** Files that answers created can be fetched; containers themselves are not emulated. */
export const containerFileRoutes: Route[] = [
  { method: 'GET', template: '/containers/{container_id}/files/{file_id}/content', handle: download },
];
