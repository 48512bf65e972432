import type { Json, JsonObject } from 'threadline/provider';
import { messagesOf } from 'threadline/runtime';
import type { Judged } from '../answer/answer.ts';
import { fetchFiles, nameCitations } from '../knowledge/annotations.ts';
import type { ModelRoute } from '../routes/model-routes.ts';
import type { Transcript } from '../thread/transcript.ts';
import type { Reply } from '../wires/wire.ts';
import { fileServerOf } from './prepare-files.ts';
import type { Turn } from './turn.ts';

/** The results of the step, as later steps read them; `contract/result-schema.ts` declares them. */
export async function resultsOf(turn: Turn, route: ModelRoute, reply: Reply, { response, json }: Judged): Promise<JsonObject> {
  const { params, thread, toolbox, fallbacks, usage } = turn;
  const threadId = thread.isKept ? thread.id : null;
  const { annotations, files } = await citedFiles(turn, route, reply.annotations);
  return {
    response: params.parse_json === false ? reply.text : response,
    text: reply.text,
    thread_id: threadId,
    conversation_id: threadId,
    run_id: reply.runId === '' ? null : reply.runId,
    status: reply.status,
    model: reply.model,
    wire: route.wire.name,
    messages: await historyOf(thread, turn),
    tool_calls: toolbox.calls as unknown as Json,
    annotations,
    files,
    usage: usage as unknown as Json,
    cost_usd: usage.cost_usd,
    thread_usage: thread.usage as unknown as Json,
    fallbacks: fallbacks as unknown as Json,
    json: json as unknown as Json,
    raw_response: reply.text,
    server_response: reply.raw,
  };
}

/** All messages of the thread, oldest first; a reference to them where the thread is kept. */
const historyOf = async (thread: Transcript, { context }: Turn): Promise<Json[]> =>
  thread.isKept && thread.id !== null ? context.runtime.threads.messages(thread.id) : messagesOf(thread.stored);

/** Citations with file names, and the files that the model has made, which servers delete within minutes. */
async function citedFiles(turn: Turn, route: ModelRoute, citations: JsonObject[]) {
  if (citations.length === 0) return { annotations: citations, files: [] };
  const server = await fileServerOf(turn, route);
  const annotations = await nameCitations(server, citations);
  return { annotations, files: await fetchFiles(server, annotations) };
}
