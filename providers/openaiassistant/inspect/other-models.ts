import type { Way } from './connection-key.ts';
import { modelOf } from './hello-ask.ts';
import type { ListedModel } from './probe.ts';
import { shutdownDateOf } from './shutdown-dates.ts';

/** Models that answer no question in words, or dearly. */
const UNFIT = /audio|realtime|image|embed|tts|transcribe|whisper|moderation|search|instruct|dall|sora|pro\b|deep-research|codex/i;

/** Models to try in the place of the one that fails: those that the author names elsewhere, then its nearest relatives. */
export function otherModels(way: Way, all: readonly Way[], models: readonly ListedModel[]): string[] {
  const model = modelOf(way.prepared, way.route);
  if (model === undefined) return [];
  const isSameServer = (other: Way) => other.route.server.host === way.route.server.host;
  const named = [way.route.config.model, ...all.filter(isSameServer).map(({ prepared, route }) => modelOf(prepared, route))];
  const [family = ''] = model.split(/[-.:/]/);
  const relatives = models
    .filter(
      ({ id, shutdownDate }) => id.startsWith(family) && !UNFIT.test(id) && (shutdownDate ?? shutdownDateOf(id)) === undefined,
    )
    .map(({ id }) => id);
  return [...new Set([...named, ...relatives])].filter((name) => name !== undefined && name !== model) as string[];
}
