import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { pause } from '../base/pause.ts';
import { completionChunks, completionObject, completionOf } from '../chat/completion.ts';
import { checkCompletionContext, featuresOfCompletion, promptTokensOfCompletion } from '../chat/context.ts';
import { checkCreateCompletion } from '../chat/parameters.ts';
import type { ApiRequest, Emulation, Reply, Route } from '../routing/route.ts';
import { decide, type Pacing } from '../rules/answer.ts';

async function create({ body, client }: ApiRequest, { store, rules, latencyMs }: Emulation): Promise<Reply> {
  checkCreateCompletion(body);
  checkCompletionContext(body);
  const model = String(body.model);
  store.models.add(model);
  const { content, pacing } = decide(featuresOfCompletion(body), rules, latencyMs);
  if (content.kind === 'error' || body.stream !== true) await pause(pacing.latencyMs, client);
  const completion = completionOf(content);
  const promptTokens = promptTokensOfCompletion(body);
  if (body.stream !== true) return { body: completionObject(model, completion, promptTokens) };
  const includeUsage = isObject(body.stream_options) && body.stream_options.include_usage === true;
  const chunks = completionChunks(model, completion, { promptTokens, includeUsage });
  return { events: paced(chunks, pacing, client), cutAfter: pacing.cutAfter, frame: dataFrame, ending: 'data: [DONE]\n\n' };
}

async function* paced(chunks: Iterable<JsonObject>, { latencyMs, chunkLatencyMs }: Pacing, client: AbortSignal) {
  try {
    await pause(latencyMs, client);
    for (const chunk of chunks) {
      await pause(chunkLatencyMs, client);
      yield chunk;
    }
  } catch (thrown) {
    // The client has disconnected.
    if (!client.aborted) throw thrown;
  }
}

const dataFrame = (chunk: JsonObject): string => `data: ${JSON.stringify(chunk)}\n\n`;

export const chatRoutes: Route[] = [{ method: 'POST', template: '/chat/completions', asksModel: true, handle: create }];
