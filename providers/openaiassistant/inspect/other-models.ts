import { modelOf } from '../turn/build-ask.ts';
import type { PlannedRoute } from './planned-route.ts';
import type { ListedModel } from './probe.ts';
import { shutdownDateOf } from './shutdown-dates.ts';

/** Models that do not answer in text, or are expensive. */
const UNFIT = /audio|realtime|image|embed|tts|transcribe|whisper|moderation|search|instruct|dall|sora|pro\b|deep-research|codex/i;

/** Models to try instead of the one that fails: models that the author names elsewhere, then models of the same family. */
export function otherModels(planned: PlannedRoute, all: readonly PlannedRoute[], models: readonly ListedModel[]): string[] {
  const model = modelOf(planned.prepared, planned.route);
  if (model === undefined) return [];
  const isSameServer = (other: PlannedRoute) => other.route.server.host === planned.route.server.host;
  const named = [planned.route.config.model, ...all.filter(isSameServer).map(({ prepared, route }) => modelOf(prepared, route))];
  const [family = ''] = model.split(/[-.:/]/);
  const relatives = models
    .filter(
      ({ id, shutdownDate }) => id.startsWith(family) && !UNFIT.test(id) && (shutdownDate ?? shutdownDateOf(id)) === undefined,
    )
    .map(({ id }) => id);
  return [...new Set([...named, ...relatives])].filter((name) => name !== undefined && name !== model) as string[];
}
